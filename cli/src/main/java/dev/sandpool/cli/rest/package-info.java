/** What the command line asks a server and how: contexts, tokens, requests, operations. */
@NullMarked
package dev.sandpool.cli.rest;

import org.jspecify.annotations.NullMarked;
