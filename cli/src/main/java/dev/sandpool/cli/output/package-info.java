/** Answers as text: json, table, tsv, csv, yaml, and what --query picks out of them. */
@NullMarked
package dev.sandpool.cli.output;

import org.jspecify.annotations.NullMarked;
