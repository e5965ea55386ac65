// Reads Parquet files with Java's own reader. Arguments: files. Writes for each a line of JSON {"groups","schema"} and then a line for each row:
// every scalar as text, absent values as null, lists and maps as Parquet has them. Run by test/parity/parquet-reader.test.ts.
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.StringJoiner;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

public class ReadParquet {
  public static void main(String[] files) throws Exception {
    StringBuilder out = new StringBuilder();
    for (String file : files) {
      Path path = new Path(file);
      try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, new Configuration()))) {
        String schema = reader.getFooter().getFileMetaData().getSchema().toString();
        out.append("{\"groups\":").append(reader.getFooter().getBlocks().size());
        out.append(",\"schema\":").append(quoted(schema)).append("}\n");
      }
      try (ParquetReader<Group> reader = ParquetReader.builder(new GroupReadSupport(), path).build()) {
        for (Group row = reader.read(); row != null; row = reader.read()) out.append(json(row)).append('\n');
      }
    }
    System.out.write(out.toString().getBytes("UTF-8"));
    System.out.flush();
  }

  private static String json(Group group) {
    GroupType type = group.getType();
    StringJoiner fields = new StringJoiner(",", "{", "}");
    for (int f = 0; f < type.getFieldCount(); f++) {
      Type field = type.getType(f);
      StringJoiner values = new StringJoiner(",");
      for (int i = 0; i < group.getFieldRepetitionCount(f); i++) {
        values.add(field.isPrimitive() ? quoted(scalar(group, f, i, field.asPrimitiveType())) : json(group.getGroup(f, i)));
      }
      boolean isList = field.isRepetition(Type.Repetition.REPEATED);
      String text = isList ? "[" + values + "]" : values.length() == 0 ? "null" : values.toString();
      fields.add(quoted(field.getName()) + ":" + text);
    }
    return fields.toString();
  }

  private static String scalar(Group group, int field, int index, PrimitiveType type) {
    switch (type.getPrimitiveTypeName()) {
      case INT32:
        return String.valueOf(group.getInteger(field, index));
      case INT64:
        return String.valueOf(group.getLong(field, index));
      case FLOAT:
        return String.valueOf(group.getFloat(field, index));
      case DOUBLE:
        return String.valueOf(group.getDouble(field, index));
      case BOOLEAN:
        return String.valueOf(group.getBoolean(field, index));
      default:
        byte[] bytes = group.getBinary(field, index).getBytes();
        if (type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation) return group.getString(field, index);
        if (type.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation decimal) {
          return new BigDecimal(new BigInteger(bytes), decimal.getScale()).toPlainString();
        }
        return HexFormat.of().formatHex(bytes);
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
