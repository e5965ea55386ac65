// Records the golden files of the standalone offset file with Kafka Connect's own FileOffsetBackingStore, and reads ours back with it.
// record <folder> (npm run golden), or read <file>
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;
import org.apache.kafka.connect.storage.FileOffsetBackingStore;

public class RecordOffsets {
    static class Store extends FileOffsetBackingStore {
        Store(JsonConverter converter) { super(converter); }
        Map<ByteBuffer, ByteBuffer> all() { return data; }
    }

    static JsonConverter converter() {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), true);
        return converter;
    }

    static Store open(String file) {
        Map<String, String> props = new HashMap<>();
        props.put("bootstrap.servers", "localhost:1");
        props.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        props.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        props.put("offset.storage.file.filename", file);
        Store store = new Store(converter());
        store.configure(new StandaloneConfig(props));
        store.start();
        return store;
    }

    static void put(Store store, Object[]... entries) throws Exception {
        JsonConverter json = converter();
        Map<ByteBuffer, ByteBuffer> values = new LinkedHashMap<>();
        for (Object[] entry : entries) {
            byte[] key = json.fromConnectData("", null, java.util.List.of(entry[0], entry[1]));
            byte[] value = entry[2] == null ? null : json.fromConnectData("", null, entry[2]);
            values.put(ByteBuffer.wrap(key), value == null ? null : ByteBuffer.wrap(value));
        }
        store.set(values, (error, result) -> { }).get(30, TimeUnit.SECONDS);
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("read")) {
            TreeMap<String, String> sorted = new TreeMap<>();
            open(args[1]).all().forEach((key, value) -> sorted.put(text(key), value == null ? "null" : text(value)));
            sorted.forEach((key, value) -> System.out.println(key + "\t" + value));
            System.exit(0);
        }
        String folder = args[1];
        put(open(fresh(folder, "empty.offsets")));
        put(open(fresh(folder, "one.offsets")), new Object[]{"fs src", Map.of("filename", "/a"), Map.of("position", 17L)});
        Map<String, Object> mirror = new HashMap<>();
        mirror.put("topic", "t"); mirror.put("partition", 3); mirror.put("cluster", "source");
        Map<String, Object> table = new HashMap<>();
        table.put("protocol", "1"); table.put("table", "db.orders");
        Map<String, Object> odd = new HashMap<>();
        odd.put("quote\"back\\slash", "tab\there\u0001\u001f \u00fc \u20ac \ud83d\ude00 /"); odd.put("none", null); odd.put("yes", true);
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("max", Long.MAX_VALUE); numbers.put("half", 0.5); numbers.put("big", 1.0E10); numbers.put("small", 1.0E-5); numbers.put("tenth", 123456.75);
        put(open(fresh(folder, "many.offsets")),
            new Object[]{"m", mirror, Map.of("offset", 5L)}, new Object[]{"jdbc", table, Map.of("incrementing", 9L)},
            new Object[]{"odd \u00e4", odd, numbers}, new Object[]{"reset", Map.of("k", "v"), null});
        Object[][] hundred = new Object[100][];
        for (int i = 0; i < 100; i++) hundred[i] = new Object[]{"c", Map.of("n", i), Map.of("position", (long) i)};
        put(open(fresh(folder, "hundred.offsets")), hundred);
        // orders of a HashMap of many keys, for keys that are stored for the first time
        Map<String, Object> wide = new HashMap<>();
        for (int i = 0; i < 40; i++) wide.put("key-" + i, "");
        java.nio.file.Files.writeString(new File(folder, "hash-map-order.txt").toPath(), String.join(",", wide.keySet()) + "\n");
        System.exit(0);
    }

    static String fresh(String folder, String name) {
        File file = new File(folder, name);
        file.delete();
        return file.getPath();
    }

    static String text(ByteBuffer bytes) {
        return new String(bytes.array(), bytes.arrayOffset(), bytes.remaining(), StandardCharsets.UTF_8);
    }
}
