// Records what the real Java transforms and predicates do with the cases of cases.json (written by cases.ts): the oracle of
// test/transforms. Run by npm run golden.
import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.node.*;
import java.io.*;
import java.math.*;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.text.*;
import java.util.*;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.header.*;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

public class Recorder {
  static final ObjectMapper JSON = new ObjectMapper();
  static final JsonNodeFactory N = JsonNodeFactory.instance;
  /** large schemas and values that stand in the files as "@name" */
  static final Map<String, JsonNode> SHAPES = new HashMap<>();
  static final String PACKAGE = "org.apache.kafka.connect.transforms.";

  public static void main(String[] args) throws Exception {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    Locale.setDefault(Locale.US);
    JsonNode all = JSON.readTree(new File(args[0]));
    all.get("shapes").fields().forEachRemaining(f -> SHAPES.put("@" + f.getKey(), f.getValue()));
    Path folder = Paths.get(args[1]);
    for (Iterator<Map.Entry<String, JsonNode>> it = all.get("transforms").fields(); it.hasNext(); ) {
      Map.Entry<String, JsonNode> e = it.next();
      List<JsonNode> out = new ArrayList<>();
      for (JsonNode c : e.getValue()) out.add(run((ObjectNode) c));
      write(folder.resolve(e.getKey() + ".json"), out);
    }
    List<JsonNode> dates = new ArrayList<>();
    for (JsonNode c : all.get("dates")) dates.add(date((ObjectNode) c));
    write(folder.resolve("java-date-format.json"), dates);
    List<JsonNode> regexes = new ArrayList<>();
    for (JsonNode c : all.get("regexes")) regexes.add(regex((ObjectNode) c));
    write(folder.resolve("java-regex.json"), regexes);
    List<JsonNode> orders = new ArrayList<>();
    for (JsonNode c : all.get("orders")) {
      Map<String, Object> m = new HashMap<>(c.size());
      for (JsonNode f : c) m.put(f.asText(), null);
      ArrayNode a = N.arrayNode();
      m.keySet().forEach(a::add);
      orders.add(N.objectNode().<ObjectNode>set("given", c).set("order", a));
    }
    write(folder.resolve("java-hash-order.json"), orders);
    List<JsonNode> defs = new ArrayList<>();
    for (JsonNode c : all.get("classes")) defs.add(def(c.asText()));
    write(folder.resolve("config-defs.json"), defs);
  }

  static void write(Path path, List<JsonNode> lines) throws IOException {
    StringBuilder b = new StringBuilder("[\n");
    for (int i = 0; i < lines.size(); i++) b.append(lines.get(i)).append(i + 1 < lines.size() ? ",\n" : "\n");
    Files.writeString(path, b.append("]\n"));
    System.err.println(path.getFileName() + " " + lines.size());
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  static ObjectNode run(ObjectNode c) throws Exception {
    Map<String, String> config = new LinkedHashMap<>();
    c.get("config").fields().forEachRemaining(f -> config.put(f.getKey(), f.getValue().asText()));
    Object plugin = Class.forName(PACKAGE + c.get("class").asText()).getDeclaredConstructor().newInstance();
    try {
      if (plugin instanceof Transformation) ((Transformation) plugin).configure(config);
      else ((Predicate) plugin).configure(config);
    } catch (Throwable t) {
      return c.set("error", error("configure", t));
    }
    if (!c.has("record")) return c.put("configured", true);
    ConnectRecord record = record(c.get("record"));
    ObjectNode before = encode(record);
    try {
      if (plugin instanceof Predicate) return c.put("test", ((Predicate) plugin).test(record));
      ConnectRecord after = ((Transformation) plugin).apply(record);
      if (after == null) return c.put("dropped", true);
      ObjectNode changed = N.objectNode();
      encode(after).fields().forEachRemaining(f -> {
        if (!f.getValue().equals(before.get(f.getKey()))) changed.set(f.getKey(), f.getValue());
      });
      c.set("changed", changed);
    } catch (Throwable t) {
      c.set("error", error("apply", t));
    }
    return c;
  }

  static ObjectNode error(String at, Throwable t) {
    return N.objectNode().put("at", at).put("type", t.getClass().getSimpleName()).put("message", t.getMessage());
  }

  static ConnectRecord<?> record(JsonNode r) {
    Schema ks = schema(r.get("keySchema")), vs = schema(r.get("valueSchema"));
    Object k = value(ks, r.get("key")), v = value(vs, r.get("value"));
    Long ts = r.has("timestamp") && !r.get("timestamp").isNull() ? r.get("timestamp").asLong() : null;
    Integer p = r.has("partition") && !r.get("partition").isNull() ? Integer.valueOf(r.get("partition").asInt()) : null;
    ConnectHeaders headers = new ConnectHeaders();
    if (r.has("headers")) for (JsonNode h : r.get("headers")) {
      Schema hs = schema(h.get(1));
      headers.add(h.get(0).asText(), new SchemaAndValue(hs, value(hs, h.get(2))));
    }
    if (r.has("source")) return new SourceRecord(Map.of(), Map.of(), r.get("topic").asText(), p, ks, k, vs, v, ts, headers);
    return new SinkRecord(r.get("topic").asText(), p == null ? 0 : p, ks, k, vs, v, r.get("offset").asLong(), ts,
        ts == null ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME, headers);
  }

  static ObjectNode encode(ConnectRecord<?> r) {
    ObjectNode o = N.objectNode().put("topic", r.topic()).put("partition", r.kafkaPartition());
    o.set("keySchema", schemaJson(r.keySchema()));
    o.set("key", valueJson(r.keySchema(), r.key()));
    o.set("valueSchema", schemaJson(r.valueSchema()));
    o.set("value", valueJson(r.valueSchema(), r.value()));
    o.put("timestamp", r.timestamp());
    ArrayNode hs = N.arrayNode();
    for (Header h : r.headers()) {
      hs.add(N.arrayNode().add(h.key()).add(schemaJson(h.schema())).add(valueJson(h.schema(), h.value())));
    }
    o.set("headers", hs);
    return o;
  }

  static boolean no(JsonNode n) {
    return n == null || n.isNull();
  }

  /** The tagged form: see test/support/tagged-values.ts. */
  static Schema schema(JsonNode n) {
    if (no(n)) return null;
    if (n.isTextual()) {
      String t = n.asText();
      if (SHAPES.containsKey(t)) return schema(SHAPES.get(t));
      boolean optional = t.endsWith("?");
      SchemaBuilder b = builder(optional ? t.substring(0, t.length() - 1) : t, null);
      return (optional ? b.optional() : b).build();
    }
    SchemaBuilder b = builder(n.get("t").asText(), n);
    if (n.has("o")) b.optional();
    if (n.has("n")) b.name(n.get("n").asText());
    if (n.has("v")) b.version(n.get("v").asInt());
    if (n.has("doc")) b.doc(n.get("doc").asText());
    if (n.has("p")) n.get("p").fields().forEachRemaining(p -> b.parameter(p.getKey(), p.getValue().asText()));
    if (n.has("f")) for (JsonNode f : n.get("f")) b.field(f.get(0).asText(), schema(f.get(1)));
    if (n.has("d")) b.defaultValue(value(b, n.get("d")));
    return b.build();
  }

  static SchemaBuilder builder(String type, JsonNode n) {
    switch (type) {
      case "array": return SchemaBuilder.array(schema(n.get("e")));
      case "map": return SchemaBuilder.map(schema(n.get("k")), schema(n.get("e")));
      default: return SchemaBuilder.type(Schema.Type.valueOf(type.toUpperCase(Locale.ROOT)));
    }
  }

  static JsonNode schemaJson(Schema s) {
    if (s == null) return N.nullNode();
    boolean plain = s.name() == null && s.version() == null && s.doc() == null && s.defaultValue() == null
        && (s.parameters() == null || s.parameters().isEmpty()) && s.type().isPrimitive();
    if (plain) return N.textNode(s.type().getName() + (s.isOptional() ? "?" : ""));
    ObjectNode o = N.objectNode().put("t", s.type().getName());
    if (s.isOptional()) o.put("o", true);
    if (s.name() != null) o.put("n", s.name());
    if (s.version() != null) o.put("v", s.version());
    if (s.doc() != null) o.put("doc", s.doc());
    if (s.parameters() != null && !s.parameters().isEmpty()) {
      ObjectNode p = o.putObject("p");
      s.parameters().forEach(p::put);
    }
    if (s.type() == Schema.Type.MAP) o.set("k", schemaJson(s.keySchema()));
    if (s.type() == Schema.Type.MAP || s.type() == Schema.Type.ARRAY) o.set("e", schemaJson(s.valueSchema()));
    if (s.type() == Schema.Type.STRUCT) {
      ArrayNode f = o.putArray("f");
      for (Field field : s.fields()) f.add(N.arrayNode().add(field.name()).add(schemaJson(field.schema())));
    }
    if (s.defaultValue() != null) o.set("d", valueJson(s, s.defaultValue()));
    for (Map.Entry<String, JsonNode> e : SHAPES.entrySet()) if (e.getValue().equals(o)) return N.textNode(e.getKey());
    return o;
  }

  static Object value(Schema s, JsonNode n) {
    if (no(n)) return null;
    if (n.isTextual()) return SHAPES.containsKey(n.asText()) ? value(s, SHAPES.get(n.asText())) : n.asText();
    if (n.isBoolean()) return n.asBoolean();
    Map.Entry<String, JsonNode> e = n.fields().next();
    JsonNode v = e.getValue();
    switch (e.getKey()) {
      case "b": return Byte.valueOf(v.asText());
      case "s": return Short.valueOf(v.asText());
      case "i": return Integer.valueOf(v.asText());
      case "l": return Long.valueOf(v.asText());
      case "f": return Float.valueOf(v.asText());
      case "d": return Double.valueOf(v.asText());
      case "dec": return new BigDecimal(new BigInteger(v.get(0).asText()), v.get(1).asInt());
      case "ts": return new java.util.Date(v.asLong());
      case "x": return HexFormat.of().parseHex(v.asText());
      case "a": {
        List<Object> a = new ArrayList<>();
        for (JsonNode i : v) a.add(value(s == null ? null : s.valueSchema(), i));
        return a;
      }
      case "m": {
        Map<Object, Object> m = new LinkedHashMap<>();
        for (JsonNode i : v) m.put(value(s == null ? null : s.keySchema(), i.get(0)), value(s == null ? null : s.valueSchema(), i.get(1)));
        return m;
      }
      case "st": {
        Struct st = new Struct(s);
        for (int i = 0; i < v.size(); i++) {
          Field f = s.fields().get(i);
          Object x = value(f.schema(), v.get(i));
          if (x != null) st.put(f, x);
        }
        return st;
      }
    }
    throw new IllegalArgumentException(n.toString());
  }

  static JsonNode valueJson(Schema s, Object o) {
    if (o == null) return N.nullNode();
    if (o instanceof String) return N.textNode((String) o);
    if (o instanceof Boolean) return N.booleanNode((Boolean) o);
    ObjectNode n = N.objectNode();
    if (o instanceof Byte) return n.put("b", o.toString());
    if (o instanceof Short) return n.put("s", o.toString());
    if (o instanceof Integer) return n.put("i", o.toString());
    if (o instanceof Long) return n.put("l", o.toString());
    if (o instanceof Float) return n.put("f", o.toString());
    if (o instanceof Double) return n.put("d", o.toString());
    if (o instanceof BigDecimal) {
      BigDecimal d = (BigDecimal) o;
      return n.set("dec", N.arrayNode().add(d.unscaledValue().toString()).add(d.scale()));
    }
    if (o instanceof java.util.Date) return n.put("ts", ((java.util.Date) o).getTime());
    if (o instanceof byte[]) return n.put("x", HexFormat.of().formatHex((byte[]) o));
    if (o instanceof ByteBuffer) return n.put("x", HexFormat.of().formatHex(((ByteBuffer) o).array()));
    if (o instanceof List) {
      ArrayNode a = n.putArray("a");
      for (Object i : (List<?>) o) a.add(valueJson(s == null ? null : s.valueSchema(), i));
      return n;
    }
    if (o instanceof Map) {
      ArrayNode a = n.putArray("m");
      ((Map<?, ?>) o).forEach((k, v) -> a.add(N.arrayNode().add(valueJson(s == null ? null : s.keySchema(), k))
          .add(valueJson(s == null ? null : s.valueSchema(), v))));
      return n;
    }
    Struct st = (Struct) o;
    ArrayNode a = n.putArray("st");
    for (Field f : st.schema().fields()) a.add(valueJson(f.schema(), st.getWithoutDefault(f.name())));
    return n;
  }

  static ObjectNode date(ObjectNode c) {
    SimpleDateFormat f;
    try {
      f = new SimpleDateFormat(c.get("pattern").asText());
      f.setTimeZone(TimeZone.getTimeZone("UTC"));
      f.set2DigitYearStart(new java.util.Date(-743040000000L));
    } catch (IllegalArgumentException e) {
      return c.put("bad", e.getMessage());
    }
    ArrayNode formatted = c.putArray("formatted");
    if (c.has("instants")) for (JsonNode i : c.get("instants")) formatted.add(f.format(new java.util.Date(i.asLong())));
    ArrayNode parsed = c.putArray("parsed");
    if (c.has("texts")) for (JsonNode t : c.get("texts")) {
      try {
        f.setTimeZone(TimeZone.getTimeZone("UTC"));
        parsed.add(f.parse(t.asText()).getTime());
      } catch (ParseException e) {
        parsed.add("error");
      }
    }
    ArrayNode back = c.putArray("back");
    for (JsonNode t : formatted) {
      try {
        f.setTimeZone(TimeZone.getTimeZone("UTC"));
        back.add(f.parse(t.asText()).getTime());
      } catch (ParseException e) {
        back.add("error");
      }
    }
    return c;
  }

  static ObjectNode regex(ObjectNode c) {
    java.util.regex.Pattern p;
    try {
      p = java.util.regex.Pattern.compile(c.get("regex").asText());
    } catch (java.util.regex.PatternSyntaxException e) {
      return c.put("bad", e.getMessage());
    }
    ArrayNode out = c.putArray("results");
    for (JsonNode t : c.get("texts")) {
      java.util.regex.Matcher m = p.matcher(t.asText());
      if (!m.matches()) out.add(false);
      else if (!c.has("replacement")) out.add(true);
      else {
        try {
          out.add(m.replaceFirst(c.get("replacement").asText()));
        } catch (RuntimeException e) {
          out.add(N.objectNode().put("error", e.getClass().getSimpleName()).put("message", e.getMessage()));
        }
      }
    }
    return c;
  }

  static ObjectNode def(String name) throws Exception {
    ObjectNode o = N.objectNode().put("class", name);
    Object plugin = Class.forName(PACKAGE + name).getDeclaredConstructor().newInstance();
    ConfigDef def = plugin instanceof Transformation ? ((Transformation<?>) plugin).config() : ((Predicate<?>) plugin).config();
    ArrayNode keys = o.putArray("keys");
    for (ConfigDef.ConfigKey k : def.configKeys().values()) {
      ObjectNode n = keys.addObject().put("name", k.name).put("type", k.type.name()).put("importance", k.importance.name());
      if (!k.hasDefault()) n.put("required", true);
      else n.put("default", k.defaultValue == null ? null : ConfigDef.convertToString(k.defaultValue, k.type));
      if (k.group != null) n.put("group", k.group);
      n.put("validator", k.validator == null ? null : k.validator.toString());
    }
    return o;
  }
}
