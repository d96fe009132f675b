/** Commands on the login and its subscription, one class each. */
@NullMarked
package dev.sandpool.cli.account;

import org.jspecify.annotations.NullMarked;
