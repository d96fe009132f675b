package dev.sandpool.cli.role;

import dev.sandpool.cli.Failure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who is given a role. */
final class AssigneeOptions {
  @Option(
      names = "--assignee",
      paramLabel = "ID",
      description = "A service principal's appId, or anybody's object id.",
      order = 1)
  @Nullable String assignee;

  @Option(
      names = "--assignee-object-id",
      paramLabel = "ID",
      description = "The object id of a principal or a group; nobody is looked for.",
      order = 2)
  @Nullable String objectId;

  /** The object id, null where nobody is named. */
  @Nullable String find(RoleCalls calls) {
    if (assignee != null && objectId != null) {
      throw Failure.usage("--assignee and --assignee-object-id cannot be set at the same time.");
    }
    return assignee == null ? objectId : calls.principal(assignee);
  }
}
