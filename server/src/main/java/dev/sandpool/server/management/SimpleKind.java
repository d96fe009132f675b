package dev.sandpool.server.management;

import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** A kind of tracked resource that {@link SimpleResource} keeps: what differs between the kinds. */
interface SimpleKind {
  /** {@code Namespace/type}. */
  String type();

  /** The right to see one in a list. */
  Action read();

  /** What names match. */
  Pattern name();

  /** The same in words: "must have ...". */
  String nameRule();

  Shape.Obj shape();

  /** Checks what is of this kind alone and fills in its defaults. */
  void check(ObjectNode document, Faults faults);

  /**
   * Adds to a checked document what callers cannot choose.
   *
   * @param before what was stored, whose such values stay
   */
  void complete(ObjectNode document, Optional<ObjectNode> before);

  /** Adds what only this kind shows to a body that has id, name, type, location and tags. */
  void show(ObjectNode document, ResourceRecord resource, ObjectNode body);
}
