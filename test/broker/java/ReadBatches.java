// Reads record batches (base64, one a line) with Java's own classes, checks their CRC and prints every record: for record-batch-java.test.ts.
import java.nio.ByteBuffer;
import java.util.*;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.*;

public class ReadBatches {
  static String text(ByteBuffer b) {
    if (b == null) return "-";
    byte[] x = new byte[b.remaining()];
    b.duplicate().get(x);
    return Base64.getEncoder().encodeToString(x);
  }

  public static void main(String[] args) {
    Scanner in = new Scanner(System.in);
    while (in.hasNextLine()) {
      MemoryRecords all = MemoryRecords.readableRecords(ByteBuffer.wrap(Base64.getDecoder().decode(in.nextLine())));
      for (MutableRecordBatch batch : all.batches()) {
        batch.ensureValid();
        System.out.println("batch " + batch.compressionType().name + " " + batch.producerId() + " " + batch.producerEpoch() + " "
            + batch.baseSequence() + " " + batch.maxTimestamp() + " " + batch.lastOffset());
        for (org.apache.kafka.common.record.internal.Record r : batch) {
          StringBuilder line = new StringBuilder(r.offset() + " " + r.timestamp() + " " + text(r.key()) + " " + text(r.value()));
          for (Header h : r.headers()) line.append(" ").append(h.key()).append("=").append(text(h.value() == null ? null : ByteBuffer.wrap(h.value())));
          System.out.println(line);
        }
      }
    }
  }
}
