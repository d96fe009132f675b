package dev.sandpool.server.doctor;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.network.Ipv4Range;
import dev.sandpool.server.network.SandboxNetwork;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Whether sandboxes can have addresses that nobody on the host uses. */
record RangeCheck(ServerFolder folder, Optional<Ipv4Range> configured)
    implements Check.Examination {
  @Override
  public List<Finding> examine() throws IOException {
    InstanceId instance =
        folder.instance().orElseGet(() -> InstanceId.random(RandomGenerator.getDefault()));
    try {
      Ipv4Range range = SandboxNetwork.freeRange(folder.engine(), instance, configured);
      return List.of(
          Finding.ok("addresses", range + " is free for " + range.slots() + " sandboxes"));
    } catch (IOException e) {
      return List.of(
          Finding.failed("addresses", e.getMessage() + "", "sandboxes have no addresses"));
    }
  }
}
