// Writes record-batches.json: batches as Java's clients build them, with the records in them, for test/kafka/codec/record-batch.test.ts.
// Run by npm run golden.
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.record.TimestampType;

public class RecordBatchGolden {
  static final Header[] NONE = new Header[0];

  static byte[] utf8(String s) { return s == null ? null : s.getBytes(StandardCharsets.UTF_8); }

  static String base64(ByteBuffer b) {
    byte[] bytes = new byte[b.remaining()];
    b.duplicate().get(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  static String text(byte[] b) { return b == null ? "null" : "\"" + Base64.getEncoder().encodeToString(b) + "\""; }

  static String records(MemoryRecords all) {
    StringJoiner list = new StringJoiner(",", "[", "]");
    for (RecordBatch batch : all.batches())
      for (org.apache.kafka.common.record.internal.Record r : batch) {
        StringJoiner headers = new StringJoiner(",", "[", "]");
        for (Header h : r.headers()) headers.add("[\"" + h.key() + "\"," + text(h.value()) + "]");
        list.add("\n    [" + r.offset() + "," + r.timestamp() + "," + text(r.hasKey() ? bytes(r.key()) : null) + ","
            + text(r.hasValue() ? bytes(r.value()) : null) + "," + headers + "]");
      }
    return list.toString();
  }

  static byte[] bytes(ByteBuffer b) { byte[] x = new byte[b.remaining()]; b.duplicate().get(x); return x; }

  static MemoryRecordsBuilder builder(Compression compression, TimestampType type, long offset, long logAppendTime) {
    return MemoryRecords.builder(ByteBuffer.allocate(1 << 20), RecordBatch.MAGIC_VALUE_V2, compression, type, offset, logAppendTime,
        7L, (short) 3, 11, false, 5);
  }

  static void fill(MemoryRecordsBuilder b, int count) {
    String alphabet = "abcdefghij".repeat(20);
    for (int i = 0; i < count; i++) {
      Header[] headers = i % 3 == 0 ? NONE
          : new Header[] { new RecordHeader("h\u00e4", utf8("v" + i)), new RecordHeader("null", null), new RecordHeader("", new byte[0]) };
      byte[] value = i % 7 == 3 ? null : utf8("value-" + i + alphabet.substring(0, (i * 13) % 200));
      b.append(1_700_000_000_000L + (i % 5 == 4 ? -100_000L * i : 40L * i), i % 4 == 1 ? null : utf8("k" + i), value, headers);
    }
  }

  public static void main(String[] args) throws Exception {
    List<String> out = new ArrayList<>();
    Map<String, Compression> all = new LinkedHashMap<>();
    all.put("none", Compression.NONE);
    all.put("gzip", Compression.gzip().build());
    all.put("snappy", Compression.snappy().build());
    all.put("lz4", Compression.lz4().build());
    all.put("zstd", Compression.zstd().build());
    for (var c : all.entrySet()) {
      MemoryRecordsBuilder b = builder(c.getValue(), TimestampType.CREATE_TIME, 1000L, RecordBatch.NO_TIMESTAMP);
      fill(b, 40);
      out.add(entry(c.getKey(), b.build()));
    }
    MemoryRecordsBuilder large = builder(Compression.lz4().build(), TimestampType.CREATE_TIME, 0L, RecordBatch.NO_TIMESTAMP);
    large.append(1L, utf8("k"), utf8("lz4 with several blocks ".repeat(3000)), NONE);
    MemoryRecords largeRecords = large.build();
    out.add(entry("lz4 blocks", largeRecords));
    MemoryRecordsBuilder appended = builder(Compression.NONE, TimestampType.LOG_APPEND_TIME, 50L, 1_600_000_000_123L);
    fill(appended, 3);
    out.add(entry("log append time", appended.build()));
    MemoryRecordsBuilder far = builder(Compression.NONE, TimestampType.CREATE_TIME, 0L, RecordBatch.NO_TIMESTAMP);
    far.append(0L, null, utf8("a"), NONE);
    far.append(9_007_199_254_740_991L, null, utf8("b"), NONE);
    far.append(-1L, (byte[]) null, null, NONE);
    out.add(entry("far timestamps", far.build()));
    Files.writeString(Path.of(args[0], "record-batches.json"), "[" + String.join(",\n", out) + "]\n");
  }

  static String entry(String name, MemoryRecords records) {
    return "{\"name\":\"" + name + "\",\"bytes\":\"" + base64(records.buffer()) + "\",\n  \"records\":" + records(records) + "}";
  }
}
