/**
 * The engine {@code microvm}: a virtual machine for each sandbox, whose monitor (QEMU) is held by
 * runc as a container without rights. What is not of the machine is {@code engine.oci}'s.
 */
@NullMarked
package dev.sandpool.server.engine.microvm;

import org.jspecify.annotations.NullMarked;
