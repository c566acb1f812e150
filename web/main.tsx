import { render } from 'preact'
import { App } from './app.tsx'
import { connect } from './state/connect.ts'
import { followTheme } from './state/theme.ts'
import './style/base.css'
import './style/layout.css'
import './style/controls.css'
import './style/parts.css'

followTheme()
connect()
const root = document.getElementById('app')
if (root !== null) render(<App />, root)
