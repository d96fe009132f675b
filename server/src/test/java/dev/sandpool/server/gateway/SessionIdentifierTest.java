package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.model.ArmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionIdentifierTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "/?identifier=abcd abcd",
        "/x/y?a=b&identifier=user-1&c=d user-1",
        "/?identifier=AbCd AbCd",
        "/?identifier=a+b+c a+b+c",
        "/?identifier=a%2Bb%2bc a+b+c",
        "/?identifier=a%2525b a%25b",
        "/?identifier=a=b=c a=b=c",
        "/?identifier=%7Cab%7C |ab|",
        "/?%69dentifier=abcd abcd",
        "/?identifier=a/b?c a/b?c",
        "/?Identifier=other&identifier=abcd abcd",
        "/?identifiers=other&identifier=abcd abcd",
        "/?&&identifier=abcd& abcd",
      })
  void isDecodedOnceAndNoMore(String target, String expected) {
    assertThat(SessionIdentifier.require(target)).isEqualTo(expected);
  }

  @Test
  void wholeDocumentedSetIsAccepted() {
    String all = "azAZ09_|}{[]:\"\";'<>?/.,@#$%25^%26*()_-+=!~`";

    assertThat(SessionIdentifier.require("/?identifier=" + all))
        .isEqualTo("azAZ09_|}{[]:\"\";'<>?/.,@#$%^&*()_-+=!~`");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "/ MissingSessionIdentifier",
        "/? MissingSessionIdentifier",
        "/identifier=abcd MissingSessionIdentifier",
        "/?IDENTIFIER=abcd MissingSessionIdentifier",
        "/?x=identifier=abcd MissingSessionIdentifier",
        "/?x=1;identifier=abcd MissingSessionIdentifier",
        "/?identifier=abcd&identifier=abcd DuplicateSessionIdentifier",
        "/?identifier=abcd&%69dentifier=efgh DuplicateSessionIdentifier",
        "/?identifier&identifier=abcd DuplicateSessionIdentifier",
        "/?identifier InvalidLengthOfSessionIdentifier",
        "/?identifier= InvalidLengthOfSessionIdentifier",
        "/?identifier=abc InvalidLengthOfSessionIdentifier",
        "/?identifier=%61%62%63 InvalidLengthOfSessionIdentifier",
        "/?identifier=a%20bc InvalidSessionIdentifier",
        "/?identifier=ab%5Ccd InvalidSessionIdentifier",
        "/?identifier=ab%00cd InvalidSessionIdentifier",
        "/?identifier=ab%0d%0acd InvalidSessionIdentifier",
        "/?identifier=ab%C3%A9cd InvalidSessionIdentifier",
        "/?identifier=abcd%7F InvalidSessionIdentifier",
        "/?identifier=abcd% InvalidSessionIdentifier",
        "/?identifier=abcd%4 InvalidSessionIdentifier",
        "/?identifier=abcd%zz InvalidSessionIdentifier",
      })
  void whatIsWrongIsSaidByItsCode(String target, String code) {
    assertThatThrownBy(() -> SessionIdentifier.require(target))
        .isInstanceOfSatisfying(
            ArmException.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(400);
              assertThat(refused.error().code()).isEqualTo(code);
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 128})
  void shortestAndLongestAreAccepted(int length) {
    String identifier = "x".repeat(length);

    assertThat(SessionIdentifier.require("/?identifier=" + identifier)).isEqualTo(identifier);
  }

  @Test
  void oneMoreIsTooLong() {
    assertThatThrownBy(() -> SessionIdentifier.require("/?identifier=" + "x".repeat(129)))
        .hasMessageContaining("129")
        .hasMessageNotContaining("xxxx");
  }
}
