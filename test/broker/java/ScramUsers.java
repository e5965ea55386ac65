// Makes users of SCRAM-SHA-256 and SCRAM-SHA-512: args are a bootstrap server, then names and passwords in turn.
import java.util.*;
import org.apache.kafka.clients.admin.*;

public class ScramUsers {
    public static void main(String[] args) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            // a user may not stand twice in one request
            for (ScramMechanism mechanism : List.of(ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)) {
                List<UserScramCredentialAlteration> users = new ArrayList<>();
                for (int i = 1; i + 1 < args.length; i += 2)
                    users.add(new UserScramCredentialUpsertion(args[i], new ScramCredentialInfo(mechanism, 4096), args[i + 1]));
                admin.alterUserScramCredentials(users).all().get();
            }
        }
    }
}
