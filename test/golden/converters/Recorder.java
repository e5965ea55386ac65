// Records what Java Connect's converters do: reads cases (see cases.ts for their form), drives the real classes, writes each case
// with its outcome. Run by npm run golden; the tests read the result and need no Java.
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.converters.BooleanConverter;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.converters.DoubleConverter;
import org.apache.kafka.connect.converters.FloatConverter;
import org.apache.kafka.connect.converters.IntegerConverter;
import org.apache.kafka.connect.converters.LongConverter;
import org.apache.kafka.connect.converters.ShortConverter;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;

public class Recorder {
    static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        JsonNode cases = JSON.readTree(new File(args[0]));
        try (PrintWriter out = new PrintWriter(new File(args[1], "golden.json"), "UTF-8")) {
            out.println("[");
            for (int i = 0; i < cases.size(); i++) {
                ObjectNode one = (ObjectNode) cases.get(i);
                try {
                    JsonNode result = run(one);
                    one.set("out", depth(result) > 200 ? JSON.createObjectNode().put("deep", true) : result);
                } catch (Exception e) {
                    ObjectNode error = JSON.createObjectNode();
                    error.put("error", e.getClass().getSimpleName());
                    error.put("message", e.getMessage());
                    if (e.getCause() != null) error.put("cause", e.getCause().getMessage());
                    one.set("out", error);
                }
                out.println(JSON.writer().with(JsonGenerator.Feature.ESCAPE_NON_ASCII).writeValueAsString(one)
                    + (i + 1 < cases.size() ? "," : ""));
            }
            out.println("]");
        }
    }

    /** What is nested deeper than Jackson writes is recorded as "deep" only. */
    static int depth(JsonNode node) {
        int below = 0;
        for (JsonNode child : node) below = Math.max(below, depth(child));
        return below + 1;
    }

    static JsonNode run(ObjectNode one) throws Exception {
        String kind = one.get("kind").asText();
        Map<String, Object> config = new HashMap<>();
        if (one.has("config")) one.get("config").properties().forEach(e -> config.put(e.getKey(), e.getValue().asText()));
        switch (kind) {
            case "toString": {
                Schema schema = schema(one.get("schema"));
                return JSON.getNodeFactory().textNode(String.valueOf(value(one.get("value"), schema)));
            }
            case "validate": {
                Schema schema = schema(one.get("schema"));
                Object value = value(one.get("value"), schema);
                ConnectSchema.validateValue("f", schema, value);
                return JSON.getNodeFactory().textNode("ok");
            }
            default: {
                String[] parts = kind.split("[.]");
                return parts[1].equals("read") ? read(make(parts[0]), config, one) : write(make(parts[0]), config, one);
            }
        }
    }

    static Object make(String name) {
        switch (name) {
            case "json": return new JsonConverter();
            case "string": return new StringConverter();
            case "bytes": return new ByteArrayConverter();
            case "short": return new ShortConverter();
            case "integer": return new IntegerConverter();
            case "long": return new LongConverter();
            case "float": return new FloatConverter();
            case "double": return new DoubleConverter();
            case "boolean": return new BooleanConverter();
            case "header": return new SimpleHeaderConverter();
            default: throw new IllegalArgumentException(name);
        }
    }

    /** As the worker configures them: SimpleHeaderConverter is a header converter only, the others are one where the case says so. */
    static boolean isHeader(Object converter, ObjectNode one) {
        return !(converter instanceof Converter) || one.path("role").asText().equals("header");
    }

    static JsonNode read(Object converter, Map<String, Object> config, ObjectNode one) {
        byte[] in = bytes(one.get("in"));
        if (isHeader(converter, one)) {
            config.put("converter.type", "header");
            ((HeaderConverter) converter).configure(config);
            return tag(((HeaderConverter) converter).toConnectHeader("t", "h", in));
        }
        ((Converter) converter).configure(config, false);
        return tag(((Converter) converter).toConnectData("t", in));
    }

    static JsonNode write(Object converter, Map<String, Object> config, ObjectNode one) {
        Schema schema = schema(one.get("schema"));
        if (isHeader(converter, one)) {
            config.put("converter.type", "header");
            ((HeaderConverter) converter).configure(config);
            return base64(((HeaderConverter) converter).fromConnectHeader("t", "h", schema, value(one.get("value"), schema)));
        }
        ((Converter) converter).configure(config, false);
        return base64(((Converter) converter).fromConnectData("t", schema, value(one.get("value"), schema)));
    }

    static byte[] bytes(JsonNode node) {
        return node.isNull() ? null : Base64.getDecoder().decode(node.asText());
    }

    static JsonNode base64(byte[] bytes) {
        return bytes == null ? JSON.nullNode() : JSON.getNodeFactory().textNode(Base64.getEncoder().encodeToString(bytes));
    }

    // ---- from tagged form

    static Schema schema(JsonNode node) {
        if (node == null || node.isNull()) return null;
        Schema.Type type = Schema.Type.valueOf(node.get("type").asText().toUpperCase());
        SchemaBuilder b;
        switch (type) {
            case ARRAY: b = SchemaBuilder.array(schema(node.get("value"))); break;
            case MAP: b = SchemaBuilder.map(schema(node.get("key")), schema(node.get("value"))); break;
            default: b = SchemaBuilder.type(type);
        }
        if (type == Schema.Type.STRUCT) {
            for (JsonNode f : node.get("fields")) b.field(f.get("name").asText(), schema(f.get("schema")));
        }
        if (node.path("optional").asBoolean()) b.optional();
        if (node.has("name")) b.name(node.get("name").asText());
        if (node.has("version")) b.version(node.get("version").asInt());
        if (node.has("doc")) b.doc(node.get("doc").asText());
        if (node.has("parameters")) for (JsonNode p : node.get("parameters")) b.parameter(p.get(0).asText(), p.get(1).asText());
        if (node.has("default")) b.defaultValue(value(node.get("default"), type == Schema.Type.STRUCT ? b.build() : b));
        return b.build();
    }

    static Object value(JsonNode node, Schema schema) {
        if (node == null || node.isNull()) return null;
        JsonNode v = node.get("v");
        switch (node.get("t").asText()) {
            case "i8": return Byte.valueOf(v.asText());
            case "i16": return Short.valueOf(v.asText());
            case "i32": return Integer.valueOf(v.asText());
            case "i64": return Long.valueOf(v.asText());
            case "f32": return Float.intBitsToFloat(Integer.parseUnsignedInt(v.asText(), 16));
            case "f64": return Double.longBitsToDouble(Long.parseUnsignedLong(v.asText(), 16));
            case "bool": return v.asBoolean();
            case "str": return v.asText();
            case "bytes": return Base64.getDecoder().decode(v.asText());
            case "dec": return new BigDecimal(new BigInteger(v.get(0).asText()), v.get(1).asInt());
            case "date": return new Date(Long.parseLong(v.asText()));
            case "list": {
                List<Object> list = new ArrayList<>();
                for (JsonNode item : v) list.add(value(item, schema == null ? null : schema.valueSchema()));
                return list;
            }
            case "map": {
                Map<Object, Object> map = new LinkedHashMap<>();
                for (JsonNode pair : v) {
                    map.put(value(pair.get(0), schema == null ? null : schema.keySchema()),
                        value(pair.get(1), schema == null ? null : schema.valueSchema()));
                }
                return map;
            }
            case "struct": {
                Schema own = node.has("schema") ? schema(node.get("schema")) : schema;
                Struct struct = new Struct(own);
                for (int i = 0; i < v.size(); i++) {
                    Field field = own.fields().get(i);
                    Object item = value(v.get(i), field.schema());
                    if (item != null) struct.put(field, item);
                }
                return struct;
            }
            default: throw new IllegalArgumentException(node.toString());
        }
    }

    // ---- to tagged form

    static JsonNode tag(SchemaAndValue data) {
        if (data == null) data = SchemaAndValue.NULL; // as ConnectHeaders does
        ObjectNode node = JSON.createObjectNode();
        node.set("schema", tagSchema(data.schema()));
        node.set("value", tagValue(data.value()));
        return node;
    }

    static JsonNode tagSchema(Schema schema) {
        if (schema == null) return JSON.nullNode();
        ObjectNode node = JSON.createObjectNode();
        node.put("type", schema.type().getName());
        if (schema.isOptional()) node.put("optional", true);
        if (schema.name() != null) node.put("name", schema.name());
        if (schema.version() != null) node.put("version", schema.version());
        if (schema.doc() != null) node.put("doc", schema.doc());
        if (schema.parameters() != null && !schema.parameters().isEmpty()) {
            ArrayNode list = node.putArray("parameters");
            schema.parameters().forEach((k, v) -> list.addArray().add(k).add(v));
        }
        if (schema.defaultValue() != null) node.set("default", tagValue(schema.defaultValue()));
        switch (schema.type()) {
            case MAP:
                node.set("key", tagSchema(schema.keySchema()));
                node.set("value", tagSchema(schema.valueSchema()));
                break;
            case ARRAY:
                node.set("value", tagSchema(schema.valueSchema()));
                break;
            case STRUCT:
                ArrayNode fields = node.putArray("fields");
                for (Field f : schema.fields()) {
                    ObjectNode field = fields.addObject();
                    field.put("name", f.name());
                    field.set("schema", tagSchema(f.schema()));
                }
                break;
            default:
        }
        return node;
    }

    static JsonNode tagged(String tag, JsonNode v) {
        ObjectNode node = JSON.createObjectNode();
        node.put("t", tag);
        node.set("v", v);
        return node;
    }

    static JsonNode tagged(String tag, String v) {
        return tagged(tag, JSON.getNodeFactory().textNode(v));
    }

    static JsonNode tagValue(Object value) {
        if (value == null) return JSON.nullNode();
        if (value instanceof Byte) return tagged("i8", value.toString());
        if (value instanceof Short) return tagged("i16", value.toString());
        if (value instanceof Integer) return tagged("i32", value.toString());
        if (value instanceof Long) return tagged("i64", value.toString());
        if (value instanceof Float) return tagged("f32", String.format("%08x", Float.floatToRawIntBits((Float) value)));
        if (value instanceof Double) return tagged("f64", String.format("%016x", Double.doubleToRawLongBits((Double) value)));
        if (value instanceof Boolean) return tagged("bool", JSON.getNodeFactory().booleanNode((Boolean) value));
        if (value instanceof String) return tagged("str", (String) value);
        if (value instanceof byte[]) return tagged("bytes", Base64.getEncoder().encodeToString((byte[]) value));
        if (value instanceof ByteBuffer) return tagged("bytes", Base64.getEncoder().encodeToString(((ByteBuffer) value).array()));
        if (value instanceof BigDecimal) {
            BigDecimal d = (BigDecimal) value;
            return tagged("dec", JSON.createArrayNode().add(d.unscaledValue().toString()).add(d.scale()));
        }
        if (value instanceof Date) return tagged("date", Long.toString(((Date) value).getTime()));
        ArrayNode items = JSON.createArrayNode();
        if (value instanceof List) {
            for (Object item : (List<?>) value) items.add(tagValue(item));
            return tagged("list", items);
        }
        if (value instanceof Map) {
            ((Map<?, ?>) value).forEach((k, v) -> items.addArray().add(tagValue(k)).add(tagValue(v)));
            return tagged("map", items);
        }
        if (value instanceof Struct) {
            Struct struct = (Struct) value;
            for (Field f : struct.schema().fields()) items.add(tagValue(struct.getWithoutDefault(f.name())));
            return tagged("struct", items);
        }
        throw new IllegalArgumentException(value.getClass().toString());
    }
}
