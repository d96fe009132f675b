package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.cli.output.Format;
import dev.sandpool.cli.output.JsonText;
import dev.sandpool.cli.output.Query;
import dev.sandpool.model.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class OutputTest {
  private static final JsonNode POOLS =
      Json.MAPPER.readTree(
          """
          [{"name":"a","n":1,"ok":true,"none":null,"deep":{"x":"y"},"list":[1,2]},
           {"name":"long name","n":2.5,"ok":false,"none":"some","deep":{},"list":[]}]\
          """);

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '%',
      textBlock =
          """
          [].name ~ ["a","long name"]
          [0].deep.x ~ "y"
          [?ok].name ~ ["a"]
          [?n > `2`].name | [0] ~ "long name"
          length(@) ~ 2
          [].{N: name, D: deep.x} ~ [{"N":"a","D":"y"},{"N":"long name","D":null}]
          sum([].n) ~ 3.5
          sort_by(@, &n)[-1].n ~ 2.5
          join(',', [].name) ~ "a,long name"
          [?deep].name ~ ["a"]
          keys([0].deep) ~ ["x"]
          nothing.at.all ~ null
          [0].[name, n] ~ ["a",1]
          """)
  void queriesPickWhatTheyShould(String query, String expected) {
    var picked = Query.of(query).search(POOLS);
    assertThat(Json.MAPPER.readTree(JsonText.compact(picked)))
        .isEqualTo(Json.MAPPER.readTree(expected));
  }

  @Test
  void jsonIsIndentedAndCarriesNoControlCharacters() {
    var json = Json.MAPPER.readTree("{\"a\":[1,{\"b\":\"\\u001b\\n\\\"\"}],\"c\":{},\"d\":[]}");
    assertThat(Format.json.render(json, true))
        .isEqualTo(
            """
            {
              "a": [
                1,
                {
                  "b": "\\u001b\\n\\""
                }
              ],
              "c": {},
              "d": []
            }\
            """);
    assertThat(Json.MAPPER.readTree(JsonText.compact(json))).isEqualTo(json);
  }

  @Test
  void colourIsForTerminalsOnly() {
    var json = Json.MAPPER.readTree("{\"a\":\"b\"}");
    assertThat(Format.jsonc.render(json, false)).doesNotContain("\033");
    assertThat(Format.jsonc.render(json, true)).contains("\033[34m\"a\"\033[0m");
  }

  @Test
  void tsvHasALineAnElement() {
    assertThat(Format.tsv.render(POOLS, false))
        .isEqualTo("a\t1\ttrue\tNone\t\t2\nlong name\t2.5\tfalse\tsome\t\t0");
    assertThat(Format.tsv.render(Json.MAPPER.readTree("\"x\\ty\""), false)).isEqualTo("x y");
    assertThat(Format.tsv.render(Json.MAPPER.readTree("null"), false)).isEmpty();
  }

  @Test
  void tableHasHeadingsAndLeavesOutWhatIsNested() {
    assertThat(Format.table.render(POOLS, false))
        .isEqualTo(
            """
            Name       N    Ok     None
            ---------  ---  -----  ----
            a          1    true
            long name  2.5  false  some\
            """);
    assertThat(Format.table.render(Json.MAPPER.readTree("[]"), false)).isEmpty();
    assertThat(Format.table.render(Json.MAPPER.readTree("[\"x\"]"), false))
        .isEqualTo("Result\n------\nx");
  }

  @Test
  void yamlReadsBackTheSame() {
    assertThat(Format.yaml.render(Json.MAPPER.readTree("{\"a\":[1,\"2\"]}"), false))
        .isEqualTo("a:\n- 1\n- \"2\"");
    assertThat(Format.none.render(POOLS, false)).isEmpty();
  }

  /** Spreadsheets take commas, quotes and emptiness literally. */
  @Test
  void commasAndQuotesDoNotMoveColumnsOfCsv() {
    var json =
        Json.MAPPER.readTree(
            """
            [{"a":"x,y","b":1.50},{"a":"say \\"hi\\"","c":null,"b":2}]\
            """);
    assertThat(Format.csv.render(json, true))
        .isEqualTo("a,b,c\n\"x,y\",1.5,\n\"say \"\"hi\"\"\",2,");
    assertThat(Format.csv.render(Json.MAPPER.readTree("[]"), true)).isEmpty();
  }
}
