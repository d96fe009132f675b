package dev.sandpool.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of RFC 7396, appendix A. */
class MergePatchTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"a\":\"b\"};{\"a\":\"c\"};{\"a\":\"c\"}",
        "{\"a\":\"b\"};{\"b\":\"c\"};{\"a\":\"b\",\"b\":\"c\"}",
        "{\"a\":\"b\"};{\"a\":null};{}",
        "{\"a\":\"b\",\"b\":\"c\"};{\"a\":null};{\"b\":\"c\"}",
        "{\"a\":[\"b\"]};{\"a\":\"c\"};{\"a\":\"c\"}",
        "{\"a\":\"c\"};{\"a\":[\"b\"]};{\"a\":[\"b\"]}",
        "{\"a\":{\"b\":\"c\"}};{\"a\":{\"b\":\"d\",\"c\":null}};{\"a\":{\"b\":\"d\"}}",
        "{\"a\":[{\"b\":\"c\"}]};{\"a\":[1]};{\"a\":[1]}",
        "[\"a\",\"b\"];[\"c\",\"d\"];[\"c\",\"d\"]",
        "{\"a\":\"b\"};[\"c\"];[\"c\"]",
        "{\"e\":null};{\"a\":1};{\"e\":null,\"a\":1}",
        "[1,2];{\"a\":\"b\",\"c\":null};{\"a\":\"b\"}",
        "{};{\"a\":{\"bb\":{\"ccc\":null}}};{\"a\":{\"bb\":{}}}",
      })
  void apply_rfcExamples(String target, String patch, String result) {
    var before = Json.MAPPER.readTree(target);

    var merged = MergePatch.apply(before, Json.MAPPER.readTree(patch));

    assertThat(merged).isEqualTo(Json.MAPPER.readTree(result));
    assertThat(before).isEqualTo(Json.MAPPER.readTree(target));
  }
}
