package dev.sandpool.server.logs.query;

import java.util.ArrayList;
import java.util.List;

/** Cuts a query into words; comments begin with two slashes. */
final class Tokenizer {
  private static final String[] SYMBOLS = {
    "==", "!=", "<=", ">=", "=~", "!~", "|", ",", "(", ")", "<", ">", "=", "*", "-", ":", "+"
  };

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int lineStart;

  private Tokenizer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String text) throws QueryException {
    return new Tokenizer(text).run();
  }

  private List<Token> run() throws QueryException {
    skip();
    while (at < text.length()) {
      next();
      skip();
    }
    tokens.add(new Token(Token.Kind.END, "", line, at - lineStart + 1));
    return tokens;
  }

  private void skip() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        at++;
        line++;
        lineStart = at;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else {
        return;
      }
    }
  }

  private void next() throws QueryException {
    char c = text.charAt(at);
    int from = at;
    if (c == '"' || c == '\'') {
      string(c, false);
    } else if (c == '@' && at + 1 < text.length() && "\"'".indexOf(text.charAt(at + 1)) >= 0) {
      at++;
      string(text.charAt(at), true);
    } else if (c == '!' && at + 1 < text.length() && Character.isLetter(text.charAt(at + 1))) {
      at++;
      word();
      add(Token.Kind.NAME, from, text.substring(from, at));
    } else if (Character.isLetter(c) || c == '_' || c == '$') {
      word();
      add(Token.Kind.NAME, from, text.substring(from, at));
    } else if (Character.isDigit(c)) {
      number(from);
    } else {
      symbol(from);
    }
  }

  private void word() {
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "_$".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
  }

  private void number(int from) {
    while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      at++;
    }
    int digits = at;
    word();
    add(at > digits ? Token.Kind.TIMESPAN : Token.Kind.NUMBER, from, text.substring(from, at));
  }

  private void symbol(int from) throws QueryException {
    for (String symbol : SYMBOLS) {
      if (text.startsWith(symbol, at)) {
        at += symbol.length();
        add(Token.Kind.SYMBOL, from, symbol);
        return;
      }
    }
    throw new QueryException(
        QueryException.Cause.SYNTAX,
        "the character '" + text.charAt(at) + "' is not of the subset",
        new Token(Token.Kind.SYMBOL, text.substring(at, at + 1), line, at - lineStart + 1));
  }

  private void string(char quote, boolean verbatim) throws QueryException {
    int from = at;
    var said = new StringBuilder();
    at++;
    while (at < text.length() && text.charAt(at) != quote && text.charAt(at) != '\n') {
      char c = text.charAt(at);
      if (c == '\\' && !verbatim && at + 1 < text.length()) {
        at++;
        char escaped = text.charAt(at);
        said.append(
            switch (escaped) {
              case 'n' -> '\n';
              case 't' -> '\t';
              case 'r' -> '\r';
              default -> escaped;
            });
      } else {
        said.append(c);
      }
      at++;
    }
    if (at >= text.length() || text.charAt(at) != quote) {
      throw new QueryException(
          QueryException.Cause.SYNTAX,
          "the string that begins here does not end",
          new Token(Token.Kind.STRING, said.toString(), line, from - lineStart + 1));
    }
    at++;
    add(Token.Kind.STRING, from, said.toString());
  }

  private void add(Token.Kind kind, int from, String said) {
    tokens.add(new Token(kind, said, line, from - lineStart + 1));
  }
}
