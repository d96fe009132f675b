package dev.sandpool.server.engine.oci;

import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns an image and a spec into the process that a sandbox runs; reads the image's own files. */
final class Guest {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** Longer ones the kernel refuses. */
  private static final int MAX_PATH = 4095;

  private Guest() {}

  static OciSpec.GuestProcess process(ImageRoot image, SandboxSpec spec)
      throws SandboxStartException {
    List<String> args = commandLine(image.config(), spec);
    if (args.isEmpty()) {
      throw new SandboxStartException(
          SandboxStartException.Cause.IMAGE,
          "the image has neither entry point nor command, and the pool sets none");
    }
    String folder = image.config().workingDir();
    if (!folder.startsWith("/") || folder.length() > MAX_PATH) {
      throw new SandboxStartException(
          SandboxStartException.Cause.IMAGE,
          "the image's working directory is no absolute path of at most "
              + MAX_PATH
              + " characters");
    }
    ImageUser user;
    try {
      user = ImageUser.resolve(image.rootfs(), image.config().user());
    } catch (IllegalArgumentException | IOException e) {
      throw new SandboxStartException(SandboxStartException.Cause.IMAGE, "" + e.getMessage(), e);
    }
    return new OciSpec.GuestProcess(
        args, env(image.config(), spec, user), image.config().workingDir(), user);
  }

  /** As Kubernetes has it: a command of the spec also drops the image's arguments. */
  static List<String> commandLine(ImageConfig image, SandboxSpec spec) {
    List<String> line =
        new ArrayList<>(spec.command().isEmpty() ? image.entrypoint() : spec.command());
    if (!spec.args().isEmpty()) {
      line.addAll(spec.args());
    } else if (spec.command().isEmpty()) {
      line.addAll(image.cmd());
    }
    return line;
  }

  static Map<String, String> env(ImageConfig image, SandboxSpec spec, ImageUser user) {
    Map<String, String> env = new HashMap<>();
    env.put("PATH", PATH);
    env.put("HOME", user.home());
    env.put("HOSTNAME", spec.id().value());
    for (String entry : image.env()) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        env.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    env.putAll(spec.env());
    return env;
  }
}
