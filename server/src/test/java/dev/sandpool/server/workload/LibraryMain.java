package dev.sandpool.server.workload;

import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import java.time.Duration;
import java.util.Objects;

/** A program as it would run in a sandbox: it knows of a managed identity by its environment. */
final class LibraryMain {
  private LibraryMain() {}

  /**
   * Prints a token.
   *
   * @param args a scope; and the client id of a user-assigned identity, or nothing
   */
  public static void main(String[] args) {
    var builder =
        new ManagedIdentityCredentialBuilder().httpClient(new JdkHttpClientBuilder().build());
    if (args.length > 1) {
      builder.clientId(args[1]);
    }
    var token =
        builder
            .build()
            .getToken(new TokenRequestContext().addScopes(args[0]))
            .block(Duration.ofSeconds(60));
    System.out.println("token=" + Objects.requireNonNull(token).getToken());
    System.exit(0);
  }
}
