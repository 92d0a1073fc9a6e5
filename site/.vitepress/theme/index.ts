import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { defineAsyncComponent } from 'vue'
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    // Only its own page loads what the playground imports.
    app.component(
      'Playground',
      defineAsyncComponent(async () => (await import('../../src/playground.js')).Playground)
    )
  }
} satisfies Theme
