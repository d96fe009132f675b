package dev.sandpool.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The walls between the rooms, each with the reason why it stands. */
class BoundariesTest {
  private static final String ROOT = "dev.sandpool.server.";

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.sandpool");

  @Test
  void gatewayKnowsNothingOfEnginesPoolsAndSql() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "gateway..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "engine..",
            ROOT + "pool..",
            ROOT + "image..",
            ROOT + "network..",
            ROOT + "ledger.sqlite..",
            ROOT + "management..",
            "java.sql..")
        .because(
            "the way of a request must stay short, and must not be able to start or stop things")
        .check(classes);
  }

  @Test
  void keeperKnowsNothingOfHttp() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + "pool..", ROOT + "session..", ROOT + "ledger..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.vertx..",
            "io.netty..",
            "java.net.http..",
            ROOT + "gateway..",
            ROOT + "management..")
        .because("pools and sessions are decided in the ledger, whoever asks and however")
        .check(classes);
  }

  @Test
  void auditKnowsNothingOfWhatItRecords() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "audit..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "gateway..",
            ROOT + "management..",
            ROOT + "identity..",
            ROOT + "session..",
            ROOT + "pool..",
            ROOT + "ledger..",
            ROOT + "engine..",
            ROOT + "secret..",
            "io.vertx..")
        .because(
            "whoever does something says so there, and a record must not need what it is about")
        .check(classes);
  }

  @Test
  void enginesKnowNothingOfPoolsAndSessions() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "engine..", ROOT + "network..", ROOT + "image..", ROOT + "linux..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "pool..",
            ROOT + "session..",
            ROOT + "ledger..",
            ROOT + "gateway..",
            ROOT + "management..",
            ROOT + "identity..",
            ROOT + "secret..",
            "io.vertx..")
        .because("what needs root will live in a process of its own that sees ids and digests only")
        .check(classes);
  }

  @Test
  void whatReadsRequestsHasNothingThatNeedsRoot() {
    noClasses()
        .that()
        .haveFullyQualifiedName(ROOT + "Main")
        .or()
        .haveFullyQualifiedName(ROOT + "Server")
        .or()
        .haveFullyQualifiedName(ROOT + "PartSettings")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + "engine.oci..", ROOT + "engine.microvm..", ROOT + "network..")
        .because("it runs without rights on the host, and asks the engine over its socket")
        .check(classes);
  }

  @Test
  void whatHasRootReadsNoRequests() {
    noClasses()
        .that()
        .haveFullyQualifiedName(ROOT + "EngineMain")
        .or()
        .haveFullyQualifiedName(ROOT + "Engine")
        .or()
        .haveFullyQualifiedName(ROOT + "EnginePartSettings")
        .or()
        .haveFullyQualifiedName(ROOT + "HostDirectory")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "gateway..",
            ROOT + "management..",
            ROOT + "identity..",
            ROOT + "session..",
            ROOT + "pool..",
            ROOT + "ledger..",
            "io.vertx..",
            "io.netty..",
            "java.sql..")
        .because("all that can be sent to it are the calls of its one socket")
        .check(classes);
  }

  @Test
  void logsAreCollectedBesideTheWayOfARequest() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + "gateway..", ROOT + "session..", ROOT + "pool..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "logs..")
        .because("what serves requests tells what happened and never waits for who writes it down")
        .check(classes);
  }

  @Test
  void logsKnowNothingOfHttpServersAndEnginesWorkings() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "logs..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.vertx..",
            "io.netty..",
            ROOT + "management..",
            ROOT + "gateway..",
            ROOT + "pool..",
            ROOT + "engine.oci..",
            ROOT + "engine.remote..")
        .because("rows are stored and asked for whoever answers, and consoles are read by contract")
        .check(classes);
  }

  @Test
  void whoHandsOnReadsWhatIsStoredAndNothingElse() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "export..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.vertx..",
            "io.netty..",
            ROOT + "gateway..",
            ROOT + "management..",
            ROOT + "session..",
            ROOT + "pool..",
            ROOT + "ledger..",
            ROOT + "engine..",
            ROOT + "config..")
        .because("a receiver that hangs must not be able to hold up who serves or stores")
        .check(classes);
  }

  @Test
  void whoServesLeavesSpansAndKnowsNotWhoTakesThem() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + "gateway..", ROOT + "session..", ROOT + "trace..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "export..")
        .because("a loop leaves what it knows in a queue and never waits for a receiver")
        .check(classes);
  }

  @Test
  void onlyWhoHandsOnSpeaksTheReceiversFormats() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "export..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.opentelemetry..", "com.google.protobuf..")
        .because("what is stored and measured must not depend on who wants a copy")
        .check(classes);
  }

  @Test
  void usageIsMeasuredBesideTheWayOfARequest() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "gateway..", ROOT + "session..", ROOT + "pool..", ROOT + "ledger..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "usage..")
        .because("what serves requests must not be slower because somebody pays for it")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage(ROOT + "usage..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.vertx..",
            "io.netty..",
            ROOT + "management..",
            ROOT + "gateway..",
            ROOT + "session..",
            ROOT + "pool..",
            ROOT + "engine.oci..",
            ROOT + "engine.remote..",
            ROOT + "ledger.sqlite..")
        .because("it adds up what the ledger and the engine say by contract, whoever asks")
        .check(classes);
  }

  @Test
  void runtimesDoNotKnowWhatTheyHold() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "engine.oci..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "engine.microvm..")
        .because("a virtual machine is one vessel of several, which the configuration brings along")
        .check(classes);
  }

  @Test
  void sessionsDoNotKnowWhoKeepsPools() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "session..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + "pool..", ROOT + "engine..")
        .because("sessions ask for an end through their own port, and pools implement it")
        .check(classes);
  }

  @Test
  void whoAnswersSandboxesKnowsNothingOfRequestsFromOutside() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "workload..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "gateway..",
            ROOT + "management..",
            ROOT + "ledger..",
            ROOT + "network..",
            ROOT + "engine.oci..",
            ROOT + "image..",
            "io.vertx..")
        .because("what hostile code talks to reaches no more than grants and tokens")
        .check(classes);
  }

  @Test
  void rolesAreDecidedFromWhatTheyAreTold() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "role..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "identity..",
            ROOT + "gateway..",
            ROOT + "management..",
            ROOT + "session..",
            ROOT + "pool..",
            ROOT + "engine..",
            "com.nimbusds..",
            "io.vertx..")
        .because("who may do what must not depend on how somebody asks or shows who he is")
        .check(classes);
  }

  @Test
  void metersDoNotKnowWhatIsMeasured() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "metrics..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "gateway..",
            ROOT + "management..",
            ROOT + "identity..",
            ROOT + "session..",
            ROOT + "engine..",
            ROOT + "network..",
            "java.sql..")
        .because("whoever does something counts it, and a meter must not lead into the room")
        .check(classes);
  }

  @Test
  void sqlStaysInItsDialect() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "ledger.sqlite..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "org.sqlite..")
        .because("another ledger must be able to take its place under the same contract kit")
        .check(classes);
  }

  @Test
  void processesAreStartedInFewPlaces() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            ROOT + "linux..", ROOT + "image..", ROOT + "engine.oci..", ROOT + "network..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.ProcessBuilder")
        .because("each process that we start is a place where arguments can leak or be forged")
        .check(classes);
  }

  @Test
  void onlyJackson3() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.fasterxml.jackson.databind..")
        .because("two JSON libraries would bind the same record in two ways")
        .check(classes);
  }

  @Test
  void roomsDoNotNeedEachOtherInCircles() {
    slices()
        .matching("dev.sandpool.server.(*)..")
        .should()
        .beFreeOfCycles()
        .because("a room that cannot be understood without its guests is not a room")
        .check(classes);
  }
}
