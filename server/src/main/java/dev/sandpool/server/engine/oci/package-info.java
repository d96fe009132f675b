/**
 * The engine that drives an OCI runtime directly: conmon and runsc or runc, overlayfs, cgroups and
 * one network slot a sandbox, without a container daemon.
 */
@NullMarked
package dev.sandpool.server.engine.oci;

import org.jspecify.annotations.NullMarked;
