import type { Cluster } from '../../cluster/cluster.js'
import type { PlacedEntity } from '../../cluster/entity.js'

/** Lets the generated ids of an entity go on after the highest one that was given. */
export async function continueIds(cluster: Cluster, entity: PlacedEntity, database: string): Promise<void> {
  const { dataSource, driver } = cluster.member(database)
  const metadata = dataSource.getMetadata(entity as never)
  const key = metadata.generatedColumns.find((column) => column.isPrimary && column.generationStrategy !== 'uuid')
  if (key === undefined) return
  const runner = dataSource.createQueryRunner()
  try {
    await driver.continueIds(runner, metadata.tableName, key.databaseName)
  } finally {
    await runner.release()
  }
}
