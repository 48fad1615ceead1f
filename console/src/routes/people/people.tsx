import { Page } from '../../components/page.tsx'
import { useMessages } from '../../messages/messages.ts'
import { AdminKeys } from './admin-keys.tsx'
import { PersonList } from './person-list.tsx'

export function People() {
  const t = useMessages()
  return (
    <Page title={t.pages.people} intro={t.people.intro}>
      <PersonList />
      <AdminKeys />
    </Page>
  )
}
