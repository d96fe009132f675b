/**
 * Storms: processes of ours killed at random moments, sandboxes started and stopped by thousands.
 */
@NullMarked
package dev.sandpool.e2e.storm;

import org.jspecify.annotations.NullMarked;
