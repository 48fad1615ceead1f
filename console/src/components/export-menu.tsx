import { Download } from 'lucide-react'
import type { OperationName } from '../../../server/src/http/admin/contract.ts'
import { urlOf } from '../lib/api.ts'
import { useMessages } from '../messages/messages.ts'
import { Button } from './button.tsx'
import { Menu } from './menu.tsx'

interface Props {
  readonly name: Extract<OperationName, `GET ${string}/export`>
  readonly query: Readonly<Record<string, unknown>>
}

/** The same as a file. The browser reads it as it is written, however long it is. */
export function ExportMenu({ name, query }: Props) {
  const t = useMessages()
  const save = (format: 'csv' | 'jsonl') => () => {
    const link = document.createElement('a')
    link.href = urlOf(name, {}, { ...query, format })
    link.download = ''
    link.click()
  }
  return (
    <Menu
      trigger={<Button icon={Download}>{t.common.export}</Button>}
      items={[
        { label: t.common.asCsv, onSelect: save('csv') },
        { label: t.common.asJsonl, onSelect: save('jsonl') },
      ]}
    />
  )
}
