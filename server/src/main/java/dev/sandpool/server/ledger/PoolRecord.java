package dev.sandpool.server.ledger;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What keeper, gateway and claims need of a session pool.
 *
 * @param resourceId its ARM id
 * @param environmentId the ARM id of its environment
 * @param name its name, unique in its environment
 * @param generation counts the changes asked for, from 1
 * @param maxSessions sessions at once
 * @param readySessions unallocated sandboxes wanted
 * @param lifecycle of sessions that begin now
 * @param network policy of sandboxes to be claimed
 * @param active what is claimed from; null until the first revision has come up
 * @param desired what is wanted; equal to {@code active} when nothing is being rolled out
 * @param provisioning of the last change asked for
 * @param changedAt when the last change was asked for
 */
public record PoolRecord(
    PoolId id,
    String resourceId,
    String environmentId,
    String name,
    int generation,
    int maxSessions,
    int readySessions,
    Lifecycle lifecycle,
    NetworkStatus network,
    @Nullable Revision active,
    Revision desired,
    Provisioning provisioning,
    Instant changedAt) {

  /** The same with another active revision. */
  public PoolRecord withActive(Revision revision) {
    return with(revision, desired, provisioning);
  }

  /** The same with the desired revision pinned to a digest. */
  public PoolRecord withDesired(Revision revision) {
    return with(active, revision, provisioning);
  }

  /** The same with another state of the last change. */
  public PoolRecord withProvisioning(Provisioning state) {
    return with(active, desired, state);
  }

  private PoolRecord with(
      @Nullable Revision newActive, Revision newDesired, Provisioning newProvisioning) {
    return new PoolRecord(
        id,
        resourceId,
        environmentId,
        name,
        generation,
        maxSessions,
        readySessions,
        lifecycle,
        network,
        newActive,
        newDesired,
        newProvisioning,
        changedAt);
  }

  /** Whether a change of the template is under way: not done, and not given up. */
  public boolean rollingOut() {
    return active != null
        && !active.id().equals(desired.id())
        && provisioning.state() == ProvisioningState.IN_PROGRESS;
  }

  /** Whether nothing new may be started or claimed. */
  public boolean deleting() {
    return provisioning.state() == ProvisioningState.DELETING;
  }

  /**
   * How far the last change has come.
   *
   * @param code and {@code message}: why it failed, null otherwise
   */
  public record Provisioning(
      ProvisioningState state, @Nullable String code, @Nullable String message) {
    /** Under way. */
    public static Provisioning inProgress() {
      return new Provisioning(ProvisioningState.IN_PROGRESS, null, null);
    }

    /** Done. */
    public static Provisioning succeeded() {
      return new Provisioning(ProvisioningState.SUCCEEDED, null, null);
    }

    /** Failed, with the cause. */
    public static Provisioning failed(String code, String message) {
      return new Provisioning(ProvisioningState.FAILED, code, message);
    }

    /** Being deleted. */
    public static Provisioning deleted() {
      return new Provisioning(ProvisioningState.DELETING, null, null);
    }
  }
}
