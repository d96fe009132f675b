/** Runs tests of this module where there is no Maven: in the guest of {@code ./dev test-vm}. */
@NullMarked
package dev.sandpool.e2e.vm;

import org.jspecify.annotations.NullMarked;
