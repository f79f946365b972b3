import de.bwaldvogel.mongo.MongoServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.mvstore.MVStore;

/** Serves MongoDB's protocol on 27017, with its data in /data/db and the variables of the public image. */
public class Main {
  /** Without indexes nearly every query reads a whole collection: from here, where it fits. */
  private static final int CACHE_MB = 256;

  public static void main(String[] args) throws Exception {
    Path folder = Path.of("/data/db");
    Files.createDirectories(folder);
    // Commits are the backend's to make, one after each write: never between two halves of one.
    MVStore store = new MVStore.Builder().fileName(folder.resolve("stand-in.mv").toString()).autoCommitDisabled()
        .pageSplitSize(4096).cacheSize(CACHE_MB).open();
    store.setRetentionTime(5_000); // ms, after which space no longer used is written over.
    Backend backend = new Backend(store, setting("MONGO_INITDB_ROOT_USERNAME"), setting("MONGO_INITDB_ROOT_PASSWORD"));
    MongoServer server = new MongoServer(backend);
    server.bind("0.0.0.0", 27017);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    System.out.println("Waiting for connections on port 27017");
  }

  /** The variable of this name, or what is in the file that NAME_FILE names; null where there is neither. */
  private static String setting(String name) throws Exception {
    String file = System.getenv(name + "_FILE");
    return file == null ? System.getenv(name) : Files.readString(Path.of(file)).strip();
  }
}
