// Java as the oracle of a test: single .java files, or the classpath of the real Connect. Main thread of a test file.
export { CONNECT_ARTIFACTS, classpath, javaCommand, runJava } from '../../scripts/kafka/java.ts'
