// Scenarios of Kafka's system tests of Connect (tests/kafkatest/tests/connect). Read by table.ts.
import type { ScenarioPart } from './table.ts'

export const systemScenarios: ScenarioPart = {
  title: 'System tests',
  intro:
    "Kafka's `tests/kafkatest/tests/connect`, which start Connect's scripts on several machines and watch their lines and REST.",
  classes: [],
}
