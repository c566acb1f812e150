import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from './helpers/api'
import { openShippedCluster } from './helpers/shipped-cluster'

const read = (file: string) => readFileSync(join(__dirname, '../deploy', file), 'utf8')

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[]
}

/** Queries and rules, by where they stand. */
function queries(): [where: string, query: string][] {
  const { panels } = JSON.parse(read('grafana/shardyard.json')) as Dashboard
  const rules = [...read('prometheus/rules.yml').matchAll(/expr: (.+)/g)].map(([, query = '']): [string, string] => [
    'rules.yml',
    query,
  ])
  return [
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr])),
    ...rules,
  ]
}

test('the dashboard and the alerts of deploy ask for what /metrics tells, and for all that is of the store', async () => {
  const { ask } = await serve((await openShippedCluster()).cluster, { concurrency: 0 })
  const told = new Set([...(await ask('/metrics')).body.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
  const asked = queries().flatMap(([where, query]) =>
    [...query.matchAll(/\b(?:shardyard|process|nodejs)_[a-z_]+/g)].map(([name]) => ({
      where,
      name: name.replace(/_(?:bucket|count|sum)$/, ''),
    })),
  )
  expect(asked.filter(({ name }) => !told.has(name))).toEqual([])
  const names = new Set(asked.map(({ name }) => name))
  expect([...told].filter((name) => !names.has(name))).toEqual([])
})
