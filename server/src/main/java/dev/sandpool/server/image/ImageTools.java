package dev.sandpool.server.image;

import dev.sandpool.server.image.ImageException.Cause;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls of skopeo that are needed here, with their failures explained. */
final class ImageTools {
  private static final Logger LOG = LoggerFactory.getLogger(ImageTools.class);

  private final ImageStoreSettings settings;
  private final ToolRunner runner = new ToolRunner();

  ImageTools(ImageStoreSettings settings) {
    this.settings = settings;
  }

  /**
   * A registry's image, and how to ask for it.
   *
   * @param image as the operator wrote it, for messages
   * @param directory to work in
   * @param auth file with the credentials, readable by us alone
   * @param registries file of {@link RegistryFiles}
   */
  record Source(
      String image, ImageReference reference, Path directory, Path auth, Path registries) {
    /** The one image of that digest in the same repository. */
    String at(String digest) {
      return "docker://" + reference.repositoryName() + "@" + digest;
    }

    /** What the reference says: its digest, or its tag. */
    String asWritten() {
      String digest = reference.digest();
      return digest != null
          ? at(digest)
          : "docker://" + reference.repositoryName() + ":" + reference.tag();
    }
  }

  byte[] manifest(Source source, String where) throws ImageException, InterruptedIOException {
    return ask(source, "--raw", where);
  }

  byte[] config(Source source, String where) throws ImageException, InterruptedIOException {
    return ask(source, "--config", "--raw", where);
  }

  private byte[] ask(Source source, String... question)
      throws ImageException, InterruptedIOException {
    List<String> command = skopeo(source.registries(), "inspect");
    command.addAll(List.of("--authfile", source.auth().toString()));
    command.addAll(List.of(question));
    return run(source.image(), command, source.directory(), settings.tools().askDeadline())
        .output();
  }

  /** Brings the image of that digest into the layout {@code oci} of the working directory. */
  void copy(Source source, String digest) throws ImageException, InterruptedIOException {
    copy(
        source.image(),
        source.directory(),
        List.of("--src-authfile", source.auth().toString(), source.at(digest)),
        source.registries());
  }

  /** Brings a file's image into the layout {@code oci} of the working directory. */
  void copyArchive(String image, ArchiveKind kind, String file, Path directory)
      throws ImageException, InterruptedIOException {
    try {
      copy(image, directory, List.of(kind.transport() + ":" + file), null);
    } catch (ImageException e) {
      // No registry is asked here: a text that sounds like one's is about a broken file.
      throw e.kind() == Cause.REGISTRY_UNREACHABLE
          ? ToolErrors.of(Cause.NOT_AN_IMAGE, image, "the archive is broken or cut off")
          : e;
    }
  }

  private void copy(String image, Path directory, List<String> source, @Nullable Path registries)
      throws ImageException, InterruptedIOException {
    List<String> command = skopeo(registries, "copy");
    command.add("--quiet");
    command.addAll(source);
    command.add("oci:oci:image");
    run(image, command, directory, settings.tools().workDeadline());
  }

  private List<String> skopeo(@Nullable Path registries, String command) {
    List<String> words = new ArrayList<>(List.of(settings.tools().skopeo()));
    if (registries != null) {
      words.addAll(List.of("--registries-conf", registries.toString()));
    }
    words.add(command);
    return words;
  }

  private ToolRunner.Result run(
      String image, List<String> command, Path directory, Duration deadline)
      throws ImageException, InterruptedIOException {
    try {
      ToolRunner.Result result = runner.run(command, directory, deadline);
      if (result.exitCode() == 0) {
        return result;
      }
      ImageException failure = ToolErrors.explain(image, result.errors());
      if (failure.kind() == Cause.OTHER) {
        LOG.warn(
            "{} failed with code {}: {}", command.getFirst(), result.exitCode(), result.errors());
      }
      throw failure;
    } catch (ToolRunner.DeadlineException e) {
      throw ToolErrors.of(Cause.REGISTRY_UNREACHABLE, image, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } catch (IOException e) {
      throw ToolErrors.explain(image, String.valueOf(e.getMessage()));
    }
  }
}
