package dev.sandpool.server.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The programs that a simulated sandbox can run: the same words that the contract kit's real image
 * has as scripts. Any other command serves.
 */
final class SimulatedGuest {
  static final String SERVE = "/app/serve";

  private final List<String> imageCommand;
  private final List<String> imageArgs;
  private final Map<String, String> imageEnv;

  SimulatedGuest(List<String> command, List<String> args, Map<String, String> env) {
    imageCommand = command;
    imageArgs = args;
    imageEnv = env;
  }

  void run(SimulatedSandbox sandbox) throws SandboxStartException {
    SandboxSpec spec = sandbox.spec();
    List<String> line = commandLine(spec);
    List<String> args = line.subList(1, line.size());
    switch (line.getFirst()) {
      case "/app/print" -> sandbox.print("args: " + String.join(" ", args));
      case "/app/show-env" -> {
        var env = new HashMap<>(imageEnv);
        env.putAll(spec.env());
        args.forEach(name -> sandbox.print(name + "=" + env.getOrDefault(name, "")));
      }
      case "/app/exit-with" -> {
        args.stream().skip(1).forEach(sandbox::print);
        sandbox.end(Integer.parseInt(args.getFirst()), false);
      }
      case "/app/hog" -> sandbox.end(137, true);
      default -> {
        if (line.getFirst().startsWith("/missing")) {
          throw new SandboxStartException(
              SandboxStartException.Cause.IMAGE, line.getFirst() + ": no such file or directory");
        }
        sandbox.listen();
      }
    }
  }

  private List<String> commandLine(SandboxSpec spec) {
    var line = new ArrayList<>(spec.command().isEmpty() ? imageCommand : spec.command());
    if (!spec.args().isEmpty()) {
      line.addAll(spec.args());
    } else if (spec.command().isEmpty()) {
      line.addAll(imageArgs);
    }
    return line;
  }
}
