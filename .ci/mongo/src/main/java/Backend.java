import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.mvstore.MVStore;

/** mongo-java-server on a file, which answers a write once it is in the file, and asks who somebody is. */
class Backend extends H2Backend {
  private static final Set<String> WRITES = Set.of("insert", "update", "delete", "findandmodify", "createindexes",
      "dropindexes", "deleteindexes", "create", "drop", "dropdatabase", "renamecollection");
  private static final Set<String> OPEN_TO_ALL = Set.of("hello", "ismaster", "ping", "buildinfo", "endsessions");

  private final MVStore store;
  private final Scram scram;
  private final Map<Channel, Scram.Conversation> conversations = new ConcurrentHashMap<>();

  /** Asks nobody for a password where there is no user. */
  Backend(MVStore store, String user, String password) {
    super(store);
    this.store = store;
    this.scram = user == null ? null : new Scram(user, password);
    version(new Version());
  }

  /** The handshake comes this way: it tells clients how to log in. */
  @Override
  public Document handleCommand(Channel channel, String database, String command, Document query) {
    Document answer = super.handleCommand(channel, database, command, query);
    if (scram != null && query.containsKey("saslSupportedMechs")) answer.put("saslSupportedMechs", List.of("SCRAM-SHA-256"));
    return answer;
  }

  @Override
  public Document handleMessage(MongoMessage message) {
    Document query = message.getDocument();
    String command = query.keySet().iterator().next().toLowerCase();
    if (scram != null) {
      if (command.equals("saslstart")) return start(message.getChannel(), query);
      if (command.equals("saslcontinue")) return conversation(message.getChannel()).proceed(query);
      if (!OPEN_TO_ALL.contains(command) && !conversation(message.getChannel()).isOver())
        throw new MongoServerError(13, "Unauthorized", "command " + command + " requires authentication");
    }
    if (!WRITES.contains(command)) return super.handleMessage(message);
    synchronized (this) {
      try {
        return corrected(super.handleMessage(message));
      } finally {
        store.commit();
      }
    }
  }

  @Override
  public void handleClose(Channel channel) {
    conversations.remove(channel);
    super.handleClose(channel);
  }

  private Document start(Channel channel, Document query) {
    Scram.Conversation conversation = scram.new Conversation();
    conversations.put(channel, conversation);
    return conversation.begin(query);
  }

  private Scram.Conversation conversation(Channel channel) {
    return conversations.getOrDefault(channel, scram == null ? null : scram.new Conversation());
  }

  /** `n` counts the documents that went in; this server counts those it refused, too. */
  private static Document corrected(Document answer) {
    if (answer.get("writeErrors") instanceof List<?> errors && answer.get("n") instanceof Integer n && !answer.containsKey("nModified"))
      answer.put("n", Math.max(0, n - errors.size()));
    return answer;
  }

  /** The oldest that today's clients talk to. What is newer in the protocol, they find out to be missing. */
  private static final class Version implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(4, 4, 0);
    }

    @Override
    public int getWireVersion() {
      return 9;
    }
  }
}
