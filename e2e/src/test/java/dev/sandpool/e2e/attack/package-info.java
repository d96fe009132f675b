/**
 * Attacks of our own on real sandboxes: what a hostile program tries, and the proof that each try
 * works where the wall in question is taken away.
 */
@NullMarked
package dev.sandpool.e2e.attack;

import org.jspecify.annotations.NullMarked;
