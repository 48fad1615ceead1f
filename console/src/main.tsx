import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { mendLanguage } from './lib/mend-language.ts'
import { loadSpeech } from './messages/messages.ts'
import './styles/app.css'

mendLanguage()
const place = document.getElementById('app')
if (!place) throw new Error('There is no place for the app.')
createRoot(place).render(<App first={await loadSpeech()} />)
