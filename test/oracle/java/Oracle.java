// Java's side of `npm run test:oracle`: reads one question a line (JSON), answers one line each. One JVM for a whole run.
//   {"op":"chain", transforms, predicates, schemas, records}  records through the TransformationStages of Connect itself
//   {"op":"regex", regex, replacement?, texts}                 Pattern.matches and Matcher.replaceFirst
//   {"op":"date", pattern, instants, texts}                    SimpleDateFormat in UTC, formatting and parsing
// Schemas, values and the last two questions are in the form of test/golden/transforms/Recorder.java, which stands on the source path.
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.node.*;
import java.io.*;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.function.Function;
import org.apache.kafka.common.internals.Plugin;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.header.*;
import org.apache.kafka.connect.runtime.TransformationStage;
import org.apache.kafka.connect.runtime.isolation.LoaderSwap;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

public class Oracle {
  static final ObjectMapper JSON = new ObjectMapper().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);
  static final JsonNodeFactory N = JsonNodeFactory.instance;
  static final Function<ClassLoader, LoaderSwap> SAME_LOADER = Oracle::swap;

  public static void main(String[] args) throws Exception {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    Locale.setDefault(Locale.US);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
    Writer out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.US_ASCII), 1 << 16);
    for (String line; (line = in.readLine()) != null; ) {
      ObjectNode question = (ObjectNode) JSON.readTree(line);
      ObjectNode answer;
      switch (question.get("op").asText()) {
        case "chain": answer = new Chain(question).run(); break;
        case "regex": answer = Recorder.regex(question); break;
        default: answer = Recorder.date(question);
      }
      out.write(JSON.writeValueAsString(answer));
      out.write('\n');
      out.flush();
    }
  }

  static LoaderSwap swap(ClassLoader loader) {
    try {
      Constructor<LoaderSwap> c = LoaderSwap.class.getDeclaredConstructor(ClassLoader.class);
      c.setAccessible(true);
      return c.newInstance(loader);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  static class Chain {
    final ObjectNode question;
    final List<Schema> schemas = new ArrayList<>();
    final Map<Schema, Integer> known = new IdentityHashMap<>();
    final Map<String, Integer> byText = new HashMap<>();
    final ArrayNode seen = N.arrayNode();

    Chain(ObjectNode question) {
      this.question = question;
      for (JsonNode s : question.get("schemas")) schemas.add(Recorder.schema(s));
    }

    ObjectNode run() throws Exception {
      ObjectNode answer = N.objectNode();
      List<TransformationStage> stages = new ArrayList<>();
      int at = 0;
      try {
        for (JsonNode t : question.get("transforms")) {
          stages.add(stage(t));
          at++;
        }
      } catch (Throwable t) {
        return answer.set("configure", error(at, t));
      }
      ArrayNode results = answer.putArray("results");
      for (JsonNode r : question.get("records")) results.add(result(stages, r));
      answer.set("schemas", seen);
      return answer;
    }

    /** As ConnectorConfig.transformationStages makes them, whose constructors are not public. */
    TransformationStage stage(JsonNode t) throws Exception {
      Transformation transform = (Transformation) configured(t);
      Plugin wrapped = Plugin.wrapInstance(transform, null, "transforms");
      if (!t.has("predicate")) {
        Constructor<TransformationStage> c = TransformationStage.class.getDeclaredConstructor(Plugin.class, String.class, String.class, Function.class);
        c.setAccessible(true);
        return c.newInstance(wrapped, "t", "4", SAME_LOADER);
      }
      Predicate predicate = (Predicate) configured(question.get("predicates").get(t.get("predicate").asInt()));
      Constructor<TransformationStage> c = TransformationStage.class.getDeclaredConstructor(Plugin.class, String.class, String.class,
          boolean.class, Plugin.class, String.class, String.class, Function.class);
      c.setAccessible(true);
      Plugin condition = Plugin.wrapInstance(predicate, null, "predicates");
      return c.newInstance(condition, "p", "4", t.get("negate").asBoolean(), wrapped, "t", "4", SAME_LOADER);
    }

    Object configured(JsonNode n) throws Exception {
      Map<String, String> config = new LinkedHashMap<>();
      n.get("config").fields().forEachRemaining(f -> config.put(f.getKey(), f.getValue().asText()));
      Object plugin = Class.forName(Recorder.PACKAGE + n.get("class").asText()).getDeclaredConstructor().newInstance();
      if (plugin instanceof Transformation) ((Transformation) plugin).configure(config);
      else ((Predicate) plugin).configure(config);
      return plugin;
    }

    ObjectNode result(List<TransformationStage> stages, JsonNode r) {
      ConnectRecord current = record(r);
      int at = 0;
      try {
        for (TransformationStage stage : stages) {
          current = stage.apply(current);
          if (current == null) return N.objectNode().put("dropped", at);
          at++;
        }
        return encode(current);
      } catch (Throwable t) {
        return N.objectNode().set("error", error(at, t));
      }
    }

    ObjectNode error(int at, Throwable t) {
      return N.objectNode().put("step", at).put("type", t.getClass().getSimpleName()).put("message", t.getMessage());
    }

    Schema schema(JsonNode n) {
      return Recorder.no(n) ? null : schemas.get(n.asInt());
    }

    ConnectRecord record(JsonNode r) {
      Schema ks = schema(r.get("keySchema")), vs = schema(r.get("valueSchema"));
      Object k = Recorder.value(ks, r.get("key")), v = Recorder.value(vs, r.get("value"));
      Long ts = Recorder.no(r.get("timestamp")) ? null : r.get("timestamp").asLong();
      Integer p = Recorder.no(r.get("partition")) ? null : Integer.valueOf(r.get("partition").asInt());
      ConnectHeaders headers = new ConnectHeaders();
      for (JsonNode h : r.get("headers")) {
        Schema hs = schema(h.get(1));
        headers.add(h.get(0).asText(), new SchemaAndValue(hs, Recorder.value(hs, h.get(2))));
      }
      String topic = r.get("topic").asText();
      if (r.has("source")) return new SourceRecord(Map.of(), Map.of(), topic, p, ks, k, vs, v, ts, headers);
      TimestampType type = ts == null ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME;
      return new SinkRecord(topic, p, ks, k, vs, v, r.get("offset").asLong(), ts, type, headers);
    }

    /** The index of a schema among those of the answer, or null. */
    JsonNode reference(Schema s) {
      if (s == null) return N.nullNode();
      Integer index = known.get(s);
      if (index == null) {
        JsonNode json = Recorder.schemaJson(s);
        index = byText.computeIfAbsent(json.toString(), text -> {
          seen.add(json);
          return seen.size() - 1;
        });
        known.put(s, index);
      }
      return N.numberNode(index);
    }

    ObjectNode encode(ConnectRecord<?> r) {
      ObjectNode o = N.objectNode().put("topic", r.topic()).put("partition", r.kafkaPartition()).put("timestamp", r.timestamp());
      o.set("keySchema", reference(r.keySchema()));
      o.set("key", Recorder.valueJson(r.keySchema(), r.key()));
      o.set("valueSchema", reference(r.valueSchema()));
      o.set("value", Recorder.valueJson(r.valueSchema(), r.value()));
      ArrayNode hs = o.putArray("headers");
      for (Header h : r.headers()) {
        hs.add(N.arrayNode().add(h.key()).add(reference(h.schema())).add(Recorder.valueJson(h.schema(), h.value())));
      }
      return o;
    }
  }
}
