package dev.sandpool.e2e;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import java.time.Duration;

/** A program as an application has it, which knows nothing of where it runs. */
final class AzureIdentityProgram {
  private AzureIdentityProgram() {}

  /**
   * Prints a token.
   *
   * @param args a scope, and the client id of a user-assigned identity where it is to be one
   */
  public static void main(String[] args) {
    var credential = new ManagedIdentityCredentialBuilder();
    if (args.length > 1) {
      credential.clientId(args[1]);
    }
    AccessToken token =
        credential
            .build()
            .getToken(new TokenRequestContext().addScopes(args[0]))
            .block(Duration.ofMinutes(2));
    System.out.println("token=" + (token == null ? "" : token.getToken()));
    System.exit(0); // Threads of the library go on.
  }
}
