"""What a template's text says, whatever it deploys: values, names, conditions, documents, nested stacks."""
