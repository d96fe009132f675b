package dev.sandpool.server.doctor;

import java.util.Optional;

/** What a check found about one thing of the host. */
public sealed interface Finding {
  /** What it is about: a program, a kernel feature, a file. */
  String subject();

  /** What is there, in a few words. */
  String found();

  /** As it should be. */
  record Ok(String subject, String found) implements Finding {}

  /** The server works, and something is worse than it could be. */
  record Warning(String subject, String found, Advice why) implements Finding {}

  /** No sandbox starts, or something that was promised does not hold. */
  record Failed(String subject, String found, Advice why) implements Finding {}

  /** Nobody can tell from here. */
  record Unknown(String subject, String found, Advice why) implements Finding {}

  /**
   * What follows, and what to do about it.
   *
   * @param consequence a clause that begins in lower case
   * @param remedy an order that begins in lower case
   */
  record Advice(String consequence, String remedy) {}

  /** The word for it: ok, warning, failed or unknown. */
  default String state() {
    return switch (this) {
      case Ok _ -> "ok";
      case Warning _ -> "warning";
      case Failed _ -> "failed";
      case Unknown _ -> "unknown";
    };
  }

  /** What follows and what to do, where it is not ok. */
  default Optional<Advice> advice() {
    return switch (this) {
      case Ok _ -> Optional.empty();
      case Warning warning -> Optional.of(warning.why);
      case Failed failed -> Optional.of(failed.why);
      case Unknown unknown -> Optional.of(unknown.why);
    };
  }

  static Finding ok(String subject, String found) {
    return new Ok(subject, found);
  }

  static Finding warning(String subject, String found, String consequence, String remedy) {
    return new Warning(subject, found, new Advice(consequence, remedy));
  }

  static Finding failed(String subject, String found, String consequence, String remedy) {
    return new Failed(subject, found, new Advice(consequence, remedy));
  }

  static Finding unknown(String subject, String found, String consequence, String remedy) {
    return new Unknown(subject, found, new Advice(consequence, remedy));
  }

  /** A failure whose sentence has the remedy behind its first semicolon, as the engine's have. */
  static Finding failed(String subject, String sentence, String consequence) {
    int semicolon = sentence.indexOf("; ");
    int parenthesis = sentence.indexOf('(');
    return semicolon < 0 || (parenthesis >= 0 && parenthesis < semicolon)
        ? failed(subject, sentence, consequence, "mend what the message names")
        : failed(
            subject,
            sentence.substring(0, semicolon),
            consequence,
            sentence.substring(semicolon + 2));
  }
}
