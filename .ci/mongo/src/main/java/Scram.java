import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** SCRAM-SHA-256 (RFC 5802, RFC 7677) for the one user there is; names and passwords in ASCII. */
class Scram {
  private static final int ITERATIONS = 15_000;
  private final SecureRandom random = new SecureRandom();
  private final byte[] salt = randomBytes();
  private final String user;
  private final byte[] storedKey;
  private final byte[] serverKey;

  Scram(String user, String password) {
    this.user = user;
    try {
      PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, 256);
      byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
      storedKey = MessageDigest.getInstance("SHA-256").digest(hmac(salted, "Client Key"));
      serverKey = hmac(salted, "Server Key");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One connection's way to being known. */
  class Conversation {
    private String clientFirst = "";
    private String serverFirst = "";
    private boolean over;

    boolean isOver() {
      return over;
    }

    /** The client's `n,,n=user,r=nonce`. */
    Document begin(Document query) {
      if (!"SCRAM-SHA-256".equals(query.get("mechanism"))) throw refusal();
      clientFirst = text(query).substring("n,,".length());
      Map<Character, String> fields = fields(clientFirst);
      if (!user.equals(fields.get('n'))) throw refusal();
      String nonce = fields.get('r') + base64(randomBytes());
      serverFirst = "r=" + nonce + ",s=" + base64(salt) + ",i=" + ITERATIONS;
      return answer(serverFirst, false);
    }

    /** The client's `c=biws,r=nonce,p=proof`. */
    Document proceed(Document query) {
      try {
        String clientLast = text(query);
        Map<Character, String> fields = fields(clientLast);
        String withoutProof = clientLast.substring(0, clientLast.lastIndexOf(",p="));
        String authMessage = clientFirst + "," + serverFirst + "," + withoutProof;
        byte[] signature = hmac(storedKey, authMessage);
        byte[] key = Base64.getDecoder().decode(fields.get('p'));
        for (int i = 0; i < key.length; i++) key[i] ^= signature[i];
        byte[] shown = MessageDigest.getInstance("SHA-256").digest(key);
        String nonce = fields(serverFirst).get('r');
        if (!Arrays.equals(shown, storedKey) || !fields.get('r').equals(nonce)) throw refusal();
        over = true;
        return answer("v=" + base64(hmac(serverKey, authMessage)), true);
      } catch (GeneralSecurityException | RuntimeException e) {
        throw refusal();
      }
    }
  }

  private static MongoServerError refusal() {
    return new MongoServerError(18, "AuthenticationFailed", "Authentication failed.");
  }

  private static Document answer(String payload, boolean done) {
    return new Document("conversationId", 1)
        .append("done", done)
        .append("payload", new BinData(payload.getBytes(StandardCharsets.UTF_8)))
        .append("ok", 1.0);
  }

  private static String text(Document query) {
    Object payload = query.get("payload");
    byte[] bytes = payload instanceof BinData data ? data.getData() : (byte[]) payload;
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Map<Character, String> fields(String message) {
    Map<Character, String> found = new HashMap<>();
    for (String part : message.split(",")) if (part.length() > 1) found.put(part.charAt(0), part.substring(2));
    return found;
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[18];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] hmac(byte[] key, String message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
