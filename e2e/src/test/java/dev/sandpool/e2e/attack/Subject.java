package dev.sandpool.e2e.attack;

import java.util.Locale;

/** What is attacked: an engine's label, without its lesser forms. */
enum Subject {
  GVISOR,
  CONTAINER,
  MICROVM;

  /** By the word that configurations have for it. */
  static Subject of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
