package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code $filter}: terms joined by {@code and}; each a function or an equality. */
final class Filter {
  private static final Pattern FUNCTION = Pattern.compile("(\\w+)\\(\\s*'?([^']*?)'?\\s*\\)");
  private static final Pattern EQUALITY = Pattern.compile("(\\w+)\\s+eq\\s+'?([^']*?)'?");

  private Filter() {}

  /**
   * One condition.
   *
   * @param name of the function or property, in lower case
   * @param value empty where the function takes none
   */
  record Term(String name, String value, String text) {}

  /**
   * The call's conditions, none where it has no {@code $filter}.
   *
   * @throws ArmException 400
   */
  static List<Term> of(Call call) {
    String text = call.queried("$filter").orElse("").strip();
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split("(?i)\\s+and\\s+")).map(Filter::term).toList();
  }

  private static Term term(String text) {
    for (Pattern form : List.of(FUNCTION, EQUALITY)) {
      Matcher match = form.matcher(text.strip());
      if (match.matches()) {
        return new Term(match.group(1).toLowerCase(Locale.ROOT), match.group(2), text);
      }
    }
    throw unknown(new Term("", "", text), "terms like name eq 'value', joined by 'and'");
  }

  static ArmException unknown(Term term, String known) {
    return new ArmException(
        400,
        "InvalidFilter",
        "'%s' of $filter is not supported. Supported are %s.".formatted(term.text(), known));
  }
}
