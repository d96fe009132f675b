package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.ResourceId;

/** ARM's way to say that a resource is not there (contract 1.6). */
final class NotFound {
  static final String CODE = "ResourceNotFound";

  private NotFound() {}

  static ArmException of(ResourceId id) {
    return new ArmException(
        404,
        CODE,
        "The Resource '%s/%s' under resource group '%s' was not found."
            .formatted(id.type(), id.name(), id.group()));
  }
}
