package dev.sandpool.e2e;

/** The same with runc, whose sandboxes have the kernel's own network stack. */
class ContainerEgressIT extends EgressIT {
  ContainerEgressIT() throws Exception {}

  @Override
  String config() {
    return "engine:\n  isolation: container\n";
  }
}
