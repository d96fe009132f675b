package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A server with an environment in which a test makes its pools, and who works with it.
 *
 * @param cli types commands
 * @param client speaks the contract
 */
public record Stage(TestServer server, TestCli cli, TestClient client) implements AutoCloseable {
  /** The sample image where it was imported. */
  public static final String SAMPLE = "sample:1";

  /** What every pool here has in common; the rest is the test's. */
  private static final String COMMON =
      "--resource-group group --environment env --container-type CustomContainer --cpu 0.25"
          + " --memory 0.5Gi ";

  /** A server with short cooldowns and the sample image. */
  public static Stage development(String name, String config) throws Exception {
    return open(name, config, "--dev", "--sandboxes", "stop").importSample();
  }

  /** A server that was started with those options. */
  public static Stage open(String name, String config, String... options) throws Exception {
    return open(TestServer.newHome(name), config, options);
  }

  /** The same in that directory. */
  public static Stage open(Path home, String config, String... options) throws Exception {
    var server = new TestServer(home, config, options);
    try {
      var stage = new Stage(server, new TestCli(server), new TestClient(server));
      stage.cli.ok(
          "sandpool env create -n env -g group --location local --enable-workload-profiles");
      return stage;
    } catch (Exception | AssertionError e) {
      try {
        server.close();
      } catch (Exception | AssertionError second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** The archive of the sample image; the build says where it is. */
  public static Path sampleArchive() {
    return archive("sample");
  }

  /** The archive of an image of images/; the build says where it is. */
  public static Path archive(String image) {
    String named = System.getProperty("sandpool." + image + ".archive", "");
    Path archive =
        named.isEmpty()
            ? TestServer.root().resolve(".build/images/" + image + ".tar")
            : Path.of(named);
    assertThat(Files.exists(archive))
        .as("the image %s; images/%s/build makes it: %s", image, image, archive)
        .isTrue();
    return archive;
  }

  /** Brings the sample image here without a registry. */
  public Stage importSample() throws Exception {
    return importImage(sampleArchive(), SAMPLE);
  }

  /** Brings an image here without a registry. */
  public Stage importImage(Path archive, String name) throws Exception {
    try {
      cli.ok("sandpool image import " + archive + " --name " + name);
      return this;
    } catch (AssertionError e) {
      close();
      throw e;
    }
  }

  /** Makes a pool of the imported sample. */
  public TestPool pool(String name, String options) {
    cli.ok(create(name, "--image " + SAMPLE + " --target-port 8080 " + options));
    return find(name);
  }

  /** The line that makes a pool here, with those options. */
  public static String create(String name, String options) {
    return "sandpool sessionpool create --name " + name + " " + COMMON + options;
  }

  /** A pool that is there. */
  public TestPool find(String name) {
    String endpoint =
        cli.ok(
            "sandpool sessionpool show --name "
                + name
                + " -g group --query \"properties.poolManagementEndpoint\" --output tsv");
    return new TestPool(client, name, endpoint.strip());
  }

  /** Deletes a pool. */
  public void delete(String name) {
    cli.ok("sandpool sessionpool delete --name " + name + " -g group --yes");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    client.close();
    server.close();
  }
}
