"""What a template's text says, whatever it deploys: names, conditions, documents, stacks."""
