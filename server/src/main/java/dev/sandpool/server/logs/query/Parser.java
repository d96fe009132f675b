package dev.sandpool.server.logs.query;

import dev.sandpool.server.logs.query.QueryException.Cause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a query: {@code TABLE | stage | stage ...}. */
final class Parser {
  private static final String STAGES =
      "where, project, summarize, order, sort, take, limit, top, count, distinct";
  private static final int DEPTH = 50;

  private final List<Token> tokens;
  private final ExprParser expressions;
  private int at;

  private Parser(List<Token> tokens, Instant now) {
    this.tokens = tokens;
    this.expressions = new ExprParser(this, now, DEPTH);
  }

  static Query parse(String text, Instant now) throws QueryException {
    return new Parser(Tokenizer.tokens(text), now).query();
  }

  private Query query() throws QueryException {
    Token table = next();
    if (table.kind() != Token.Kind.NAME) {
      throw syntax("the name of a table is expected, not " + table.shown(), table);
    }
    List<Stage> stages = new ArrayList<>();
    while (peek().kind() != Token.Kind.END) {
      expect("|");
      stages.add(stage());
    }
    return new Query(table, stages);
  }

  private Stage stage() throws QueryException {
    Token at = next();
    return switch (at.text()) {
      case "where", "filter" -> new Stage.Where(at, expressions.condition());
      case "project" -> new Stage.Project(at, named());
      case "summarize" -> summarize(at);
      case "order", "sort" -> {
        expectWord("by");
        yield new Stage.Sort(at, orders());
      }
      case "take", "limit" -> new Stage.Take(at, whole());
      case "top" -> {
        int rows = whole();
        expectWord("by");
        yield new Stage.Top(at, rows, orders());
      }
      case "count" -> new Stage.Count(at);
      case "distinct" -> new Stage.Distinct(at, named());
      default ->
          throw syntax(
              "the operator " + at.shown() + " is not of the subset; accepted: " + STAGES, at);
    };
  }

  private Stage summarize(Token at) throws QueryException {
    List<Stage.Aggregate> aggregates = new ArrayList<>();
    if (!peek().isWord("by")) {
      aggregates.add(aggregate());
      while (accept(",")) {
        aggregates.add(aggregate());
      }
    }
    List<Stage.Named> by = List.of();
    if (peek().isWord("by")) {
      next();
      by = named();
    }
    if (aggregates.isEmpty() && by.isEmpty()) {
      throw syntax("summarize needs an aggregate or 'by'", at);
    }
    return new Stage.Summarize(at, aggregates, by);
  }

  private Stage.Aggregate aggregate() throws QueryException {
    @Nullable String name = name();
    Token function = next();
    expect("(");
    boolean count = function.text().equals("count");
    if (!count && !List.of("avg", "min", "max", "sum").contains(function.text())) {
      throw syntax(
          "the aggregate "
              + function.shown()
              + " is not of the subset; accepted: count, avg, min, max, sum",
          function);
    }
    @Nullable Expr of = count ? null : expressions.condition();
    expect(")");
    return new Stage.Aggregate(function, name, function.text(), of);
  }

  /** The name before an equals sign; null where there is none. */
  private @Nullable String name() {
    if (peek().kind() == Token.Kind.NAME && tokens.get(at + 1).is("=")) {
      String name = next().text();
      next();
      return name;
    }
    return null;
  }

  private List<Stage.Named> named() throws QueryException {
    List<Stage.Named> named = new ArrayList<>();
    do {
      @Nullable String name = name();
      named.add(new Stage.Named(name, expressions.condition()));
    } while (accept(","));
    return named;
  }

  private List<Stage.Order> orders() throws QueryException {
    List<Stage.Order> orders = new ArrayList<>();
    do {
      Expr expr = expressions.condition();
      boolean ascending = peek().isWord("asc");
      if (ascending || peek().isWord("desc")) {
        next();
      }
      orders.add(new Stage.Order(expr, !ascending));
    } while (accept(","));
    return orders;
  }

  private int whole() throws QueryException {
    Token token = next();
    try {
      if (token.kind() == Token.Kind.NUMBER) {
        return Integer.parseInt(token.text());
      }
    } catch (NumberFormatException e) {
      throw syntax(token.shown() + " is not a whole number of rows", token);
    }
    throw syntax("a number of rows is expected, not " + token.shown(), token);
  }

  // --- words -----------------------------------------------------------------------------------

  Token peek() {
    return tokens.get(at);
  }

  Token next() {
    Token token = tokens.get(at);
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  boolean accept(String symbol) {
    if (peek().is(symbol)) {
      next();
      return true;
    }
    return false;
  }

  void expect(String symbol) throws QueryException {
    if (!accept(symbol)) {
      throw syntax("'" + symbol + "' is expected, not " + peek().shown(), peek());
    }
  }

  private void expectWord(String word) throws QueryException {
    if (!peek().isWord(word)) {
      throw syntax("'" + word + "' is expected, not " + peek().shown(), peek());
    }
    next();
  }

  static QueryException syntax(String message, Token at) {
    return new QueryException(Cause.SYNTAX, message, at);
  }
}
